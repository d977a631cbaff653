/** @file The process that is killed: the real engine on a data folder, told what to do by whoever started it. */
import { setTimeout as delay } from 'node:timers/promises';
import { loadDataKey } from '../engine/data-folder/data-key.ts';
import type { Engine } from '../engine/engine-types.ts';
import { openEngine } from '../engine/open-engine.ts';
import { orderSchema, type Order, type Report } from './messages.ts';

/** How often the counts of the queue are told, besides at every change. */
const countsEveryMs = 200;
/** A sign-in that failed (there are faults about) is tried again after this. */
const signInAgainMs = 300;

let engine: Engine | undefined;
let telling: NodeJS.Timeout | undefined;

function tell(report: Report): void {
  process.send?.(report);
}

async function open({ dataDir, gateway, email, password }: Extract<Order, { type: 'open' }>): Promise<void> {
  const key = await loadDataKey({ dataDir, environment: process.env });
  const opened = await openEngine({ dataDir, key, kind: 'cli', defaults: { gateway } });
  engine = opened;
  const tellCounts = async (): Promise<void> => tell({ type: 'counts', counts: (await opened.calls.getStatus()).counts });
  opened.subscribe((event, payload) => {
    if (event === 'ingest') {
      const { batchId, outcomes, finished } = payload as { batchId: string; outcomes: Extract<Report, { type: 'told' }>['outcomes']; finished: boolean };
      tell({ type: 'told', batchId, outcomes, finished });
    }
  });
  for (;;) {
    if ((await opened.calls.getAccount()).name === 'signedIn') break;
    await Promise.resolve(opened.calls.signIn({ email, password })).catch(() => delay(signInAgainMs));
  }
  tell({ type: 'ready' });
  await tellCounts();
  telling = setInterval(() => void tellCounts(), countsEveryMs);
}

async function add(order: Extract<Order, { type: 'add' }>): Promise<void> {
  const { batchId, patientId, paths } = order;
  await Promise.resolve(engine?.calls.addFiles({ batchId, patientId, paths })).catch(() => {
    // The list of patients could not be fetched, say: a person would try again.
    tell({ type: 'told', batchId, outcomes: [], finished: true });
  });
}

async function retryAll(): Promise<void> {
  const page = await engine?.calls.getQueuePage({ filter: 'attention', limit: 500 });
  for (const { id } of page?.items ?? []) await Promise.resolve(engine?.calls.retryUpload({ id })).catch(() => undefined);
}

async function follow(order: Order): Promise<void> {
  switch (order.type) {
    case 'open': return open(order);
    case 'add': return add(order);
    case 'retry-all': return retryAll();
    case 'close':
      clearInterval(telling);
      await engine?.close();
      process.exit(0);
  }
}

process.on('message', (message) => {
  follow(orderSchema.parse(message)).catch((error: unknown) => {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    process.send?.({ type: 'failed', reason } satisfies Report, () => process.exit(1));
  });
});
// Whoever started us is gone: nobody else will end us.
process.on('disconnect', () => process.exit(1));
tell({ type: 'loaded' });
