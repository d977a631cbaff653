/** @file The fixtures: a backend, folders, and apps that are gone when the test is over. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base } from '@playwright/test';
import type { ContractName } from '../../sandbox/options.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { launchApp } from './app.ts';
import type { LaunchOptions, RelevoApp } from './app.ts';

export { expect } from '@playwright/test';

interface Fixtures {
  /** That the backend keeps. */
  contract: ContractName;
  /** Removed after the test. */
  folder: string;
  backend: Sandbox;
  /** Starts an app on `folder/data`, or on another data folder. Signed in as the demo nurse with `signedIn`. */
  launch: (options?: Partial<LaunchOptions> & { signedIn?: boolean }) => Promise<RelevoApp>;
  /** Keeps a picture of the window beside the test's results. */
  picture: (app: RelevoApp, name: string) => Promise<void>;
}

export const test = base.extend<Fixtures>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures' names from this parameter.
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'relevo-e2e-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  contract: ['sessions', { option: true }],
  backend: async ({ folder, contract }, use) => {
    const backend = await startSandbox({ dataDir: join(folder, 'backend'), contract, spaces: { kind: 'embedded' } });
    await use(backend);
    await backend.close();
  },
  launch: async ({ folder, backend }, use, testInfo) => {
    const apps: RelevoApp[] = [];
    await use(async ({ signedIn = false, env, ...options } = {}) => {
      const { gateway, email, password } = backend.ready;
      const account: Record<string, string> = signedIn ? { RELEVO_GATEWAY: gateway, RELEVO_DEMO_EMAIL: email, RELEVO_DEMO_PASSWORD: password } : {};
      const app = await launchApp({ dataDir: join(folder, 'data'), env: { ...account, ...env }, ...options });
      apps.push(app);
      return app;
    });
    for (const app of apps) {
      await app.close().catch(() => undefined);
      await testInfo.attach('app-output', { body: app.lines.join('\n'), contentType: 'text/plain' });
    }
  },
  // oxlint-disable-next-line no-empty-pattern
  picture: async ({}, use, testInfo) => {
    await use(async (app, name) => {
      const path = testInfo.outputPath(`${name}.png`);
      await app.page.screenshot({ path, animations: 'disabled' });
      await testInfo.attach(name, { path, contentType: 'image/png' });
    });
  },
});
