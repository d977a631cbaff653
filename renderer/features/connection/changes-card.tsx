import { type DiagnosisChange, diagnosisSeverity } from '../../../shared/domain/diagnosis.ts';
import { diagnosisText } from '../../../shared/texts/diagnoses.ts';
import { useWording } from '../../texts/texts-context.tsx';
import panel from '../../ui/panel.module.css';
import { severityLooks } from '../../ui/severity.ts';
import styles from './changes-card.module.css';

/** Enough to see a pattern; the bundle holds them all. */
const shownAtMost = 30;

/** When it was well and when not, newest first. */
export function ChangesCard({ changes, now }: { changes: readonly DiagnosisChange[]; now: number }) {
  const wording = useWording();
  const { connection } = wording.t;
  const newest = [...changes].sort((a, b) => b.at - a.at).slice(0, shownAtMost);
  return (
    <section className={`${panel.panel} ${styles.card}`} aria-label={connection.changes}>
      <h2 className={panel.heading}>{connection.changes}</h2>
      {newest.length === 0 ? <p className={styles.none}>{connection.noChanges}</p> : (
        <ol className={styles.timeline} tabIndex={0} aria-label={connection.changes}>
          {newest.map(({ at, from, to }) => {
            const { tone, icon: Mark } = severityLooks[diagnosisSeverity[to]];
            return (
              <li key={`${at}-${to}`} className={styles.change} data-tone={tone}>
                <Mark size={17} stroke={2} className={styles.mark} aria-hidden />
                <span className={styles.what}>
                  {diagnosisText(wording.language, to).sentence}
                  {from === undefined ? <span className={styles.first}>{connection.first}</span> : null}
                </span>
                <time className={`${styles.when} numbers`} dateTime={new Date(at).toISOString()}>{wording.clock(at, now)}</time>
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}
