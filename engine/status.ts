import { timestampSchema } from '../shared/domain/ids.ts';
import type { Status } from '../shared/engine-contract.ts';
import type { Account } from './account/account.ts';
import type { QueueScope } from './account/queue-scope.ts';
import type { Clock } from './clock.ts';
import { isLow, type DiskSpace } from './data-folder/data-folder.ts';
import { notSent, toUploadFigures } from './queue/queue-view.ts';
import type { KeyValueStore, UploadStore } from './queue/upload-store.ts';

const dayMs = 86_400_000;
const queueReplacedKey = 'queue.replaced-at';

export interface StatusTools {
  account: Account;
  /** As they are shown. */
  counts(): Status['counts'];
  scope: QueueScope;
  store: UploadStore;
  keyValues: KeyValueStore;
  clock: Clock;
  diskSpace(): Promise<DiskSpace>;
  transfer(): Status['transfer'];
  keySource: Status['keySource'];
  administratorFile(): Status['administratorFile'];
}

/** @param at ms since the epoch: the database is a new one, because the one before was damaged. */
export function noteQueueReplaced(keyValues: KeyValueStore, at: number): void {
  keyValues.set(queueReplacedKey, String(at));
}

export function createStatusCall(tools: StatusTools): () => Promise<Status> {
  const { account, scope, store, keyValues, clock } = tools;
  const startedAt = clock.monotonic();

  async function diskNow(): Promise<Status['disk']> {
    try {
      const space = await tools.diskSpace();
      return { ...space, low: isLow(space) };
    } catch {
      return undefined;
    }
  }

  return async () => {
    const administratorFile = tools.administratorFile();
    const withoutGateway = notSent(store.counts(scope.nobodys()));
    return {
      counts: tools.counts(),
      transfer: tools.transfer(),
      account: account.state(),
      uploads: toUploadFigures(store.metrics(clock.now() - dayMs, scope.counted()), dayMs),
      oldestWaitingAt: store.oldestUnfinishedAt(scope.counted()),
      uptimeMs: clock.monotonic() - startedAt,
      disk: await diskNow(),
      queueReplacedAt: timestampSchema.safeParse(Number(keyValues.get(queueReplacedKey))).data,
      keySource: tools.keySource,
      ...(withoutGateway === 0 ? {} : { withoutGateway }),
      ...(administratorFile === undefined ? {} : { administratorFile }),
    };
  };
}
