import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { QueueFilter } from '../../../shared/engine-contract.ts';
import { useClient } from '../../client/client-context.tsx';
import { countIn } from '../../client/queue-counts.ts';
import { QueueRows } from './queue-rows.ts';
import type { QueueWindow } from './queue-window.ts';

/** The rows of the filter, following the engine's events while the component is mounted. */
export function useQueueRows(filter: QueueFilter): { rows: QueueRows; window: QueueWindow } {
  const client = useClient();
  const rows = useMemo(() => new QueueRows(client.call, filter), [client, filter]);
  useEffect(() => {
    rows.open();
    const stops = [
      client.on('queue', ({ items, more, counts }) => rows.change(items, more, countIn(filter, counts))),
      // What changed while the engine was away is not told in events.
      client.engine.subscribe(() => { if (client.engine.get() === 'running') rows.refresh(); }),
    ];
    return () => {
      for (const stop of stops) stop();
      rows.close();
    };
  }, [client, filter, rows]);
  const window = useSyncExternalStore(rows.subscribe, rows.getWindow);
  return { rows, window };
}
