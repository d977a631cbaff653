import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCopy, IconInfoCircle } from '@tabler/icons-react';
import { assertNever } from '../../../shared/assert-never.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { Notice } from '../../ui/notice.tsx';
import panel from '../../ui/panel.module.css';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import type { Tone } from '../../ui/upload-state.tsx';
import styles from './batch-card.module.css';
import { type Batch, type BatchSummary, summarise, type Verdict, verdictOf } from './batch.ts';
import { RejectedList } from './rejected-list.tsx';
import { Tiles } from './tiles.tsx';

interface BatchCardProps {
  batch: Batch;
  all: readonly Batch[];
  /** The pictures are shown of the latest; what was said of older ones stays. */
  withTiles: boolean;
  /** Named where it is another patient's than the one on the screen. */
  withPatient: boolean;
  onAgain: (batch: Batch) => void;
  onQueue: () => void;
}

export function BatchCard({ batch, all, withPatient, withTiles, onAgain, onQueue }: BatchCardProps) {
  const { t, count } = useWording();
  const summary = summarise(batch);
  const verdict = verdictOf(batch, all);
  const kept = summary.taken.length;
  const progress = t.add.progress(count(kept), count(summary.total));
  return (
    <section className={`${panel.panel} ${styles.card}`} aria-label={t.add.batch(batch.patient.name)}>
      {withPatient ? <p className={panel.heading}>{batch.patient.name}</p> : null}
      <div className={styles.head}>
        <p className={`${styles.progress} numbers`}>{progress}</p>
        {verdict === 'saving' ? null : <Button size="compact-sm" variant="subtle" onClick={onQueue}>{t.add.toQueue}</Button>}
      </div>
      <ProgressBar ratio={summary.total === 0 ? 0 : kept / summary.total} label={t.add.progressLabel} valueText={progress} tone={barTone(verdict)} height={8} />
      {/* Always there, so that a screen reader hears it change. */}
      <div role="status">
        <VerdictNotice verdict={verdict} summary={summary} onAgain={() => onAgain(batch)} />
      </div>
      {summary.duplicates > 0 ? (
        <p className={`${styles.note} numbers`}>
          <IconCopy size={15} aria-hidden />
          {t.add.duplicates(count(summary.duplicates))}
        </p>
      ) : null}
      {batch.skipped > 0 ? (
        <p className={`${styles.note} numbers`}>
          <IconInfoCircle size={15} aria-hidden />
          {t.add.skipped(count(batch.skipped))}
        </p>
      ) : null}
      {summary.rejected.length > 0 ? <RejectedList rejected={summary.rejected} /> : null}
      {withTiles && summary.total > 0 ? <Tiles summary={summary} onMore={onQueue} /> : null}
    </section>
  );
}

function barTone(verdict: Verdict): Tone {
  switch (verdict) {
    case 'saving': return 'brand';
    case 'safe': return 'sent';
    case 'others-saving': return 'sent';
    case 'partly': return 'attention';
    case 'none': return 'attention';
    case 'interrupted': return 'failed';
    default: return assertNever(verdict);
  }
}

function VerdictNotice({ verdict, summary, onAgain }: { verdict: Verdict; summary: BatchSummary; onAgain: () => void }) {
  const { t, count } = useWording();
  switch (verdict) {
    case 'saving':
      return <p className={styles.saving}>{t.add.saving}</p>;
    case 'safe':
      return (
        <Notice tone="sent" icon={IconCircleCheck} title={t.add.safe} text={summary.saved === 0 ? t.add.safeDuplicates : t.add.safeText(count(summary.taken.length))} />
      );
    case 'others-saving':
      return <Notice tone="attention" icon={IconAlertTriangle} title={t.add.othersSaving} />;
    case 'partly':
      return (
        <Notice
          tone="attention"
          icon={IconAlertTriangle}
          title={t.add.partlyTitle(count(summary.taken.length), count(summary.total))}
          text={t.add.partlyText(count(summary.rejected.length))}
        />
      );
    case 'none':
      return <Notice tone="attention" icon={IconAlertTriangle} title={t.add.noneTitle} text={t.add.noneText} />;
    case 'interrupted':
      return (
        <Notice
          tone="failed"
          icon={IconAlertTriangle}
          title={t.add.interruptedTitle}
          text={t.add.interruptedText}
          action={<Button size="xs" variant="default" onClick={onAgain}>{t.add.again}</Button>}
        />
      );
    default:
      return assertNever(verdict);
  }
}
