import type { EngineImplementation } from '../../shared/engine-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';

export function createOwnKeysCalls(): Pick<EngineImplementation, 'getOwnKeys' | 'testOwnKeys' | 'saveOwnKeys' | 'removeOwnKeys'> {
  return {
    getOwnKeys: () => ({}),
    testOwnKeys: () => { throw new CallError('not-possible-now'); },
    saveOwnKeys: () => { throw new CallError('not-possible-now'); },
    removeOwnKeys: () => { throw new CallError('not-possible-now'); },
  };
}
