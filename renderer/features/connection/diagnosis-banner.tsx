import { Button } from '@mantine/core';
import { IconRefresh, IconShieldCheck, IconStethoscope } from '@tabler/icons-react';
import type { ConnectionSnapshot, Diagnosis } from '../../../shared/domain/diagnosis.ts';
import { diagnosisText } from '../../../shared/texts/diagnoses.ts';
import type { CheckState } from '../../client/connection-check.ts';
import { useQueueSummary } from '../../client/client-context.tsx';
import { countToSend } from '../../client/queue-counts.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { Fold } from '../../ui/fold.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { severityLooks } from '../../ui/severity.ts';
import styles from './diagnosis-banner.module.css';

interface DiagnosisBannerProps {
  snapshot: ConnectionSnapshot;
  check: CheckState;
  now: number;
  onCheck: () => void;
}

/** The diagnosis in one sentence, and the next step; what support reads lies behind a fold. */
export function DiagnosisBanner({ snapshot: { diagnosis, checkedAt }, check, now, onCheck }: DiagnosisBannerProps) {
  const wording = useWording();
  const { connection } = wording.t;
  const queue = useQueueSummary();
  const toSend = queue ? countToSend(queue.counts) : 0;
  const running = check.name === 'running';
  const text = diagnosis && diagnosisText(wording.language, diagnosis.code, diagnosis.params);
  const { tone, icon: Mark } = diagnosis ? severityLooks[diagnosis.severity] : { tone: 'waiting' as const, icon: IconRefresh };
  const progress = running ? connection.checkingCount(wording.count(check.done).text, wording.count(check.total).text) : '';
  return (
    <section className={styles.banner} data-tone={tone} aria-label={connection.title}>
      <div className={styles.head}>
        <span className={styles.mark}><Mark size={24} stroke={1.9} aria-hidden /></span>
        <div className={styles.words} role="status">
          <h2 className={styles.sentence}>{text?.sentence ?? connection.checking}</h2>
          {text ? <p className={styles.staff}>{text.staff}</p> : null}
          {diagnosis?.overlays.filter((overlay) => overlay !== diagnosis.code).map((overlay) => (
            <p key={overlay} className={styles.staff}>{`${connection.also}: ${diagnosisText(wording.language, overlay).sentence}`}</p>
          ))}
          {diagnosis?.severity === 'fail' && toSend > 0 ? (
            <p className={`${styles.safe} numbers`}><IconShieldCheck size={16} stroke={1.9} aria-hidden />{connection.photosSafe(wording.count(toSend))}</p>
          ) : null}
        </div>
        <Button className={styles.button} leftSection={<IconStethoscope size={17} />} disabled={running} onClick={onCheck}>
          {running ? connection.checking : connection.check}
        </Button>
      </div>
      <div className={styles.foot}>
        {running && check.total > 0 ? (
          <div className={styles.progress}>
            <ProgressBar ratio={check.done / check.total} label={connection.steps} valueText={progress} height={4} />
            <span className="numbers">{progress}</span>
          </div>
        ) : (
          <span className="numbers">{[...(checkedAt ? [connection.checkedAt(wording.ago(checkedAt, now))] : []), ...(diagnosis ? [connection.since(wording.clock(diagnosis.since, now))] : [])].join(' · ')}</span>
        )}
      </div>
      {diagnosis ? <div><Fold label={wording.t.common.details}><ForSupport diagnosis={diagnosis} /></Fold></div> : null}
    </section>
  );
}

function ForSupport({ diagnosis }: { diagnosis: Diagnosis }) {
  const wording = useWording();
  const { connection } = wording.t;
  return (
    <dl className={styles.facts}>
      <div><dt>{connection.forSupport}</dt><dd className="selectable">{diagnosisText(wording.language, diagnosis.code, diagnosis.params).support}</dd></div>
      <div>
        <dt>{connection.code}</dt>
        <dd className={`${styles.mono} selectable`}>{[diagnosis.code, ...diagnosis.overlays].join(' + ')}</dd>
      </div>
      {diagnosis.certainty === 'probable' ? <div><dt /><dd>{connection.probable}</dd></div> : null}
      {diagnosis.evidence.length > 0 ? (
        <div>
          <dt>{connection.seen}</dt>
          <dd className={`${styles.mono} selectable`}>
            {diagnosis.evidence.map(({ layer, target, says }, index) => <div key={`${index}-${says}`}>{[layer, target, says].filter(Boolean).join(' ')}</div>)}
          </dd>
        </div>
      ) : null}
    </dl>
  );
}
