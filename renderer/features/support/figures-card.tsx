import { useEffect, useState } from 'react';
import type { Status } from '../../../shared/engine-contract.ts';
import { failureText } from '../../../shared/texts/failures.ts';
import { useClient, useNow } from '../../client/client-context.tsx';
import { useStore } from '../../client/store.ts';
import { useWording } from '../../texts/texts-context.tsx';
import panel from '../../ui/panel.module.css';
import styles from './figures-card.module.css';

const readEveryMs = 5_000;

/** How sending went over the last day. */
export function FiguresCard() {
  const wording = useWording();
  const { support } = wording.t;
  const now = useNow(readEveryMs);
  const status = useStatus(now);
  const uploads = status?.uploads;
  const time = (ms: number | undefined): string => (ms === undefined ? support.noFigure : wording.duration(ms));
  const figures: [string, string][] = [
    [support.sent, uploads ? wording.count(uploads.completed).text : support.noFigure],
    [support.perMinute, uploads ? wording.decimal(uploads.perMinute) : support.noFigure],
    [support.average, time(uploads?.averageMs)],
    [support.mostly, time(uploads?.p95Ms)],
    [support.almostAll, time(uploads?.p99Ms)],
    [support.errorRate, uploads ? wording.rate(uploads.errorRate) : support.noFigure],
    [support.uptime, time(status?.uptimeMs)],
  ];
  const last = uploads?.lastFailure;
  return (
    <section className={`${panel.panel} ${styles.card}`} aria-label={support.figures}>
      <h2 className={panel.heading}>{support.figures}</h2>
      <dl className={`${styles.figures} numbers`}>
        {figures.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
      <p className={styles.last}>{last ? support.lastError(failureText(wording.language, last).what, wording.ago(Math.min(last.at, now), now)) : support.noError}</p>
    </section>
  );
}

/** Read anew whenever `now` moves on. */
function useStatus(now: number): Status | undefined {
  const client = useClient();
  const engine = useStore(client.engine);
  const [status, setStatus] = useState<Status>();
  useEffect(() => {
    let closed = false;
    // While the engine starts again the last figures stay.
    client.call.getStatus().then((answer) => { if (!closed) setStatus(answer); }, () => undefined);
    return () => { closed = true; };
  }, [client, engine, now]);
  return status;
}
