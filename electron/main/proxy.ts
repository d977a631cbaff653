import { session, type Session } from 'electron';
import type { HostContract } from '../../shared/host-contract.ts';
import type { Output } from '../../shared/rpc/contract.ts';

/** As the contract with the engine has it. */
const mostCharacters = 2_000;

/** A session that is just made says DIRECT to everything until it has read the settings (seen with Electron 33); this waits for that. */
let readOnce: Promise<Session> | undefined;

/**
 * The way to an address as a browser on this computer would go: by the system's settings, a script of theirs (PAC) or one that the
 * network names (WPAD). In a session that keeps nothing on the disk; the window's own has no network.
 */
export async function resolveProxy({ url }: { url: string }): Promise<Output<HostContract, 'resolveProxy'>> {
  // What failed once is tried again by the next to ask.
  readOnce ??= readSettings().catch((error: unknown) => { readOnce = undefined; throw error; });
  const routes = await (await readOnce).resolveProxy(url);
  return { routes: routes.slice(0, mostCharacters) };
}

async function readSettings(): Promise<Session> {
  const own = session.fromPartition('diagnosis');
  await own.forceReloadProxyConfig();
  return own;
}
