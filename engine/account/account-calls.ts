import type { EngineImplementation } from '../../shared/engine-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { Account } from './account.ts';

type AccountCalls = Pick<EngineImplementation, 'getLimits' | 'getNegotiation' | 'getPeople' | 'lock' | 'unlock' | 'noteActivity' | 'getPresentPhoto'>;

export function createAccountCalls({ account }: { account: Account }): AccountCalls {
  return {
    getLimits: () => account.limits(),
    getNegotiation: () => ({ limits: account.limits(), lastAsked: account.negotiation() }),
    getPeople: () => ({ people: [] }),
    lock: () => { throw new CallError('not-possible-now'); },
    unlock: () => { throw new CallError('not-possible-now'); },
    noteActivity: () => undefined,
    getPresentPhoto: () => ({ name: 'unknown' }),
  };
}
