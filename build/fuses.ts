/** @file The switches that are burnt into the executable: what nobody can turn on again with a variable or an argument. */
import { FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';
import type { FuseV1Config } from '@electron/fuses';

/** What an installed Relevo is made with. See docs/security.md for what each is against. */
export const fuses: Record<FuseV1Options, boolean> = {
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  // Main starts from the same snapshot as the window: there is no second one that could be exchanged.
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  // Electron's own setting; without it WebAssembly is only slower.
  [FuseV1Options.WasmTrapHandlers]: true,
};

/**
 * The configuration for the executable at `path`. A fuse that a newer Electron brings and that is not decided here ends the packaging; one
 * that an older Electron does not have is left out.
 */
export async function fuseConfig(path: string): Promise<FuseV1Config> {
  const present = Object.keys(await getCurrentFuseWire(path)).filter((name) => name !== 'version');
  const decided = Object.keys(fuses);
  const chosen = Object.fromEntries(Object.entries(fuses).filter(([option]) => present.includes(option))) as Record<FuseV1Options, boolean>;
  // Being strict also refuses a fuse that is decided and not there.
  return { version: FuseVersion.V1, strictlyRequireAllFuses: decided.every((option) => present.includes(option)), ...chosen } as FuseV1Config;
}
