import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxOptions } from '../options.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';

/** A sandbox in a folder of its own; both are gone after `dispose`. */
export async function temporarySandbox(options: Partial<SandboxOptions> = {}): Promise<{ sandbox: Sandbox; dispose: () => Promise<void> }> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'relevo-sandbox-test-')));
  const sandbox = await startSandbox({ spaces: { kind: 'embedded' }, contract: 'sessions', ...options, dataDir });
  return {
    sandbox,
    dispose: async () => {
      await sandbox.close();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
