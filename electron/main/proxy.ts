import { session } from 'electron';
import type { HostContract } from '../../shared/host-contract.ts';
import type { Output } from '../../shared/rpc/contract.ts';

/** As the contract with the engine has it. */
const mostCharacters = 2_000;

/**
 * The way to an address as a browser on this computer would go: by the system's settings, a script of theirs (PAC) or one that the
 * network names (WPAD). In a session that keeps nothing on the disk; the window's own has no network.
 */
export async function resolveProxy({ url }: { url: string }): Promise<Output<HostContract, 'resolveProxy'>> {
  const routes = await session.fromPartition('diagnosis').resolveProxy(url);
  return { routes: routes.slice(0, mostCharacters) };
}
