import type { Settings } from '../../shared/domain/settings.ts';
import type { Accounts, UploadRecord, UploadStore } from '../queue/upload-store.ts';
import type { Account } from './account.ts';
import { ownerKey, ownerOf } from './owner.ts';
import type { People } from './people.ts';

/**
 * Whose uploads whoever is signed in sees, changes and sends: their own at this gateway (and at its former addresses); where an administrator
 * shares the queue, those of everybody who has signed in here at the same gateway. What lies outside stays sealed for its owner.
 * See [Note: an id at a gateway].
 */
export interface QueueScope {
  /** Empty while nobody is signed in. */
  accounts(): Accounts;
  /** What is counted. While nobody is signed in that is everything on this computer, since numbers tell of nobody. */
  counted(): Accounts | undefined;
  has(record: UploadRecord): boolean;
  /** The accounts whose photos count as this account's own. */
  with(accountId: string): Accounts;
  /** Those whose gateway nobody knows, unless an administrator has said that it is this one. See [Note: photos of a bare id]. */
  nobodys(): Accounts;
  /** Owners at other backends, whose patients are not this one's. Nobody is sure of those whose gateway is not known. */
  elsewhere(): Accounts;
}

export interface QueueScopeTools {
  account: Account;
  people: People;
  store: Pick<UploadStore, 'accounts'>;
  settings(): Settings;
}

export function createQueueScope({ account, people, store, settings }: QueueScopeTools): QueueScope {
  function accounts(): Accounts {
    const owner = account.ownerId();
    if (owner === undefined) return [];
    const { personId } = ownerOf(owner);
    const own = account.addresses().map((gateway) => ownerKey({ gateway, personId }));
    return settings().shareQueue ? [...new Set([...own, ...people.ownersAt(account.addresses())])] : own;
  }

  return {
    accounts,
    counted: () => (account.ownerId() === undefined ? undefined : accounts()),
    with: (accountId) => (accounts().includes(accountId) ? accounts() : [accountId]),
    has: (record) => accounts().includes(record.facts.accountId),
    nobodys: () => (account.addresses().includes('') ? [] : store.accounts().filter((accountId) => ownerOf(accountId).gateway === '')),
    elsewhere() {
      const here = account.addresses();
      return store.accounts().filter((accountId) => { const { gateway } = ownerOf(accountId); return gateway !== '' && !here.includes(gateway); });
    },
  };
}
