import type { UploadItem } from '../../shared/domain/upload.ts';
import type { EngineImplementation } from '../../shared/engine-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { UploadQueue } from './upload-queue.ts';
import type { Accounts, UploadRecord } from './upload-store.ts';

export interface QueueCallTools {
  queue: UploadQueue;
  /** Whose uploads are shown; nobody's while nobody is signed in. */
  shown(): Accounts;
  /** Whether it is of one of these. */
  isMine(record: UploadRecord): boolean;
  toItem(record: UploadRecord): UploadItem;
  /** See [Note: the queue is held]. */
  isHeld(): boolean;
}

/** What only looks at the queue, and the small pictures that are kept with it. */
export function createQueueCalls({ queue, shown, isMine, toItem, isHeld }: QueueCallTools): Pick<EngineImplementation, 'getQueuePage' | 'getUpload' | 'setThumbnail' | 'getThumbnail'> {
  const { store } = queue;

  function own(id: string): UploadRecord {
    const record = store.get(id);
    if (!record || !isMine(record)) throw new CallError('not-found');
    return record;
  }

  return {
    getQueuePage: ({ filter, before, limit }) => {
      const page = store.page({ accounts: shown(), filter, held: isHeld(), limit, ...(before === undefined ? {} : { before }) });
      const last = page.records.at(-1);
      return { items: page.records.map(toItem), total: page.total, ...(last && page.records.length === limit ? { next: last.sequence } : {}) };
    },
    getUpload: ({ id }) => ({ item: toItem(own(id)), story: store.story(id) }),
    setThumbnail: ({ id, bytes }) => {
      own(id);
      store.setThumbnail(id, bytes);
      queue.changed(id);
    },
    getThumbnail: ({ id }) => {
      const record = store.get(id);
      return { bytes: record && isMine(record) ? store.thumbnail(id) : undefined };
    },
  };
}
