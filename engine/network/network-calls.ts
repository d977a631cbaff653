import type { EngineImplementation } from '../../shared/engine-contract.ts';
import type { NetworkInUse } from './network.ts';

export function createNetworkCalls(network: NetworkInUse): Pick<EngineImplementation, 'getNetwork' | 'setProxySignIn' | 'sendDespiteMetered'> {
  return {
    getNetwork: async () => {
      await network.look();
      return network.state();
    },
    setProxySignIn: async ({ signIn }) => {
      await network.setProxySignIn(signIn);
      return network.state();
    },
    sendDespiteMetered: () => {
      network.sendDespiteMetered();
      return network.state();
    },
  };
}
