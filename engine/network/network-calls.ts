import type { EngineImplementation } from '../../shared/engine-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';

export function createNetworkCalls(): Pick<EngineImplementation, 'getNetwork' | 'setProxySignIn' | 'sendDespiteMetered'> {
  return {
    getNetwork: () => ({ proxySignIn: false, proxyAsks: false, metered: 'unknown' }),
    setProxySignIn: () => { throw new CallError('not-possible-now'); },
    sendDespiteMetered: () => { throw new CallError('not-possible-now'); },
  };
}
