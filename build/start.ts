/**
 * @file `npm start`: the desktop app on a sandbox backend of its own, signed in as its demo nurse. Both keep what they have from one start
 * to the next, apart from an installed Relevo's data.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { defaultDataDir, homeFolder } from '../engine/data-folder/default-data-dir.ts';
import { bundle } from './bundle.ts';
import { electronRuntime, launchOptions } from './electron-runtime.mjs';
import { checkout } from './paths.mjs';
import { SetupError, endWithUs, runMain } from './processes.mjs';
import { startSandboxProcess } from './sandbox-process.ts';
import { hasDisplay } from './with-display.mjs';

function developmentDataDir(): string {
  const { RELEVO_DATA_DIR: named, ...environment } = process.env;
  return named ?? `${defaultDataDir({ platform: process.platform, homeDir: homeFolder(), environment })}-development`;
}

await runMain(async () => {
  if (!hasDisplay()) {
    throw new SetupError('There is no display here to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set).\nTo see Relevo do its job without one: npm run demo');
  }
  const dataDir = developmentDataDir();
  const [runtime, sandbox] = await Promise.all([electronRuntime(() => undefined), startSandboxProcess(dataDir), bundle()]);
  const { gateway, email, password, patients } = sandbox.ready;
  process.stdout.write(`Sandbox backend at ${gateway}, ${email}, ${patients.length} patients. Data in ${dataDir}\n`);

  const { args, env } = launchOptions(runtime);
  const app = endWithUs(spawn(runtime.path, [...args, checkout], {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...env,
      RELEVO_DATA_DIR: join(dataDir, 'app'),
      RELEVO_GATEWAY: gateway,
      RELEVO_DEMO_EMAIL: email,
      RELEVO_DEMO_PASSWORD: password,
    },
  }));
  const code = await new Promise<number | null>((resolve, reject) => {
    app.once('exit', resolve);
    app.once('error', reject);
  });
  await sandbox.stop();
  return code ?? 1;
});
