import { IconCircleX } from '@tabler/icons-react';
import type { LatencySeries } from '../../../shared/domain/diagnosis.ts';
import { useWording } from '../../texts/texts-context.tsx';
import panel from '../../ui/panel.module.css';
import styles from './latency-card.module.css';
import { latencyShape } from './latency-points.ts';

const phases = ['dns', 'tcp', 'tls', 'firstByte'] as const;

/** One place on the way: how long it takes to answer now and over the hour, and where the time goes. */
export function LatencyCard({ series, now }: { series: LatencySeries; now: number }) {
  const wording = useWording();
  const { connection } = wording.t;
  const name = connection.nodes[series.target];
  const latest = series.points.at(-1);
  const ms = (value: number | undefined): string => (value === undefined ? '–' : wording.duration(Math.max(1, value)));
  const shape = latencyShape(series.points, now);
  return (
    <section className={`${panel.panel} ${styles.card}`} aria-label={name}>
      <div className={styles.head}>
        <h3 className={styles.name}>{name}</h3>
        {latest && latest.ms === undefined
          ? <span className={styles.silent}><IconCircleX size={15} stroke={2} aria-hidden />{connection.noAnswer}</span>
          : <span className={`${styles.now} numbers`} aria-label={`${connection.now} ${ms(latest?.ms)}`}>{ms(latest?.ms)}</span>}
      </div>
      {shape.lines.length + shape.failures.length > 0 ? (
        <svg className={styles.graph} viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={connection.graph(name)}>
          {shape.lines.map((points) => <polyline key={points} points={points} className={styles.line} />)}
          {shape.failures.map((x, index) => <path key={`${x}-${index}`} d={`M${x},100 V74`} className={styles.failure} />)}
        </svg>
      ) : <p className={styles.none}>{connection.noHistory}</p>}
      <dl className={`${styles.figures} numbers`}>
        <div><dt>{connection.half}</dt><dd>{ms(series.p50Ms)}</dd></div>
        <div><dt>{connection.mostly}</dt><dd>{ms(series.p95Ms)}</dd></div>
      </dl>
      <Phases series={series} />
      <p className={`${styles.last} numbers`}>{series.lastOkAt === undefined ? connection.never : connection.lastOk(wording.ago(Math.min(series.lastOkAt, now), now))}</p>
    </section>
  );
}

function Phases({ series: { lastPhases } }: { series: LatencySeries }) {
  const wording = useWording();
  const { connection } = wording.t;
  const longest = Math.max(1, ...phases.map((phase) => lastPhases?.[phase] ?? 0));
  return (
    <dl className={`${styles.phases} numbers`}>
      {phases.map((phase) => {
        const value = lastPhases?.[phase];
        return (
          <div key={phase}>
            <dt>{connection.phases[phase]}</dt>
            <dd className={styles.bar} aria-hidden><span style={{ width: `${((value ?? 0) / longest) * 100}%` }} /></dd>
            <dd className={styles.value}>{value === undefined ? '–' : wording.duration(value)}</dd>
          </div>
        );
      })}
    </dl>
  );
}
