import type { Settings } from '../../shared/domain/settings.ts';
import type { Accounts, UploadRecord } from '../queue/upload-store.ts';
import type { Account } from './account.ts';
import type { People } from './people.ts';

/**
 * Whose uploads whoever is signed in sees, changes and sends: their own; where an administrator shares the queue, those of everybody
 * who has signed in here at the same gateway. What lies outside stays sealed for its owner.
 */
export interface QueueScope {
  /** Empty while nobody is signed in. */
  accounts(): Accounts;
  /** What is counted. While nobody is signed in that is everything on this computer, since numbers tell of nobody. */
  counted(): Accounts | undefined;
  has(record: UploadRecord): boolean;
  /** The accounts whose photos count as this account's own. */
  with(accountId: string): Accounts;
  /** Accounts known at other gateways only, whose patients are not this one's. */
  elsewhere(): Accounts;
}

export function createQueueScope({ account, people, settings }: { account: Account; people: People; settings(): Settings }): QueueScope {
  const gateway = (): string => account.gateway() ?? '';

  function accounts(): Accounts {
    const owner = account.ownerId();
    if (owner === undefined) return [];
    return settings().shareQueue ? [...new Set([owner, ...people.accountsAt(gateway())])] : [owner];
  }

  return {
    accounts,
    counted: () => (account.ownerId() === undefined ? undefined : accounts()),
    with: (accountId) => (accounts().includes(accountId) ? accounts() : [accountId]),
    has: (record) => accounts().includes(record.facts.accountId),
    elsewhere: () => people.accountsElsewhere(gateway()),
  };
}
