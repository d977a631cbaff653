import { useEffect, useState, useSyncExternalStore } from 'react';
import type { QueueFilter } from '../../../shared/engine-contract.ts';
import { useClient } from '../../client/client-context.tsx';
import { countIn } from '../../client/queue-counts.ts';
import { QueueRows } from './queue-rows.ts';
import { emptyWindow, type QueueWindow } from './queue-window.ts';

const nothing = (): (() => void) => () => undefined;
const none = (): QueueWindow => emptyWindow;

/** The rows of the filter, following the engine's events while the component is mounted. */
export function useQueueRows(filter: QueueFilter): { rows: QueueRows | undefined; window: QueueWindow } {
  const client = useClient();
  const [rows, setRows] = useState<QueueRows>();
  useEffect(() => {
    const opened = new QueueRows(client.call, filter);
    setRows(opened);
    const stops = [
      client.on('queue', ({ items, more, counts }) => opened.change(items, more, countIn(filter, counts))),
      // What changed while the engine or the account was another is not told in events.
      client.engine.subscribe(() => { if (client.engine.get() === 'running') opened.refresh(); }),
    ];
    return () => {
      for (const stop of stops) stop();
      opened.close();
      setRows(undefined);
    };
  }, [client, filter]);
  const window = useSyncExternalStore(rows?.subscribe ?? nothing, rows?.getWindow ?? none);
  return { rows, window };
}
