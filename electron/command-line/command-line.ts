/**
 * @file The installed app as `relevo`: runs one command in place of the window. A bundle of its own, which a normal start never loads. Like all
 * of main it runs on Electron's Node and must not load the database.
 */
import { join } from 'node:path';
import { app } from 'electron';
import { createCommandProcess } from '../../cli/process.ts';
import { defaultDataDir, homeFolder } from '../../engine/data-folder/default-data-dir.ts';
import { chromiumGet } from '../main/chromium-get.ts';
import { administratorFile, engineNode } from '../main/development.ts';
import { electronVault } from '../main/electron-vault.ts';
import { launchEngine } from '../main/engine-launcher.ts';
import { engineFile } from '../main/places.ts';
import { resolveProxy } from '../main/proxy.ts';
import { createAppHost } from './app-host.ts';
import { namedDataDir } from './arguments.ts';
import { consoleStreams } from './console-streams.ts';
import { commandProfile } from './profile.ts';

/** A folder left over is less than a command that does not end. */
const SETTLED_AT_LATEST_MS = 2_000;
const SETTLED_AFTER_INTERRUPTION_MS = 200;

/** Must be called before the app is ready. The process ends with the command's exit code. */
export function runCommand(args: readonly string[]): void {
  const profile = commandProfile(process.platform, windowProfile(args));
  app.setPath('userData', profile.folder);
  app.setPath('sessionData', join(profile.folder, 'command'));
  app.disableHardwareAcceleration();
  // A SIGTERM to all of a command's processes ends Chromium's GPU process before the command has heard it. That must not count as a GPU that does not work.
  app.commandLine.appendSwitch('disable-gpu-process-crash-limit');
  // No place in the dock for what shows nothing.
  if (process.platform === 'darwin') app.setActivationPolicy('prohibited');

  // Chromium's network process makes the profile's folder as it starts. Taken away before, it would be there again, for good.
  const networkStarted = app.whenReady().then(() => resolveProxy({ url: 'http://127.0.0.1/' })).catch(() => undefined);
  const settled = Promise.race([networkStarted, after(SETTLED_AT_LATEST_MS)]);
  let interrupted: Promise<void> | undefined;

  const command = createCommandProcess({
    ...consoleStreams(process.platform),
    environment: process.env,
    exit: (code) => void Promise.race([settled, ...(interrupted ? [interrupted] : [])]).then(() => {
      profile.remove();
      app.exit(code);
    }),
  });
  const interrupt = (): void => {
    interrupted ??= after(SETTLED_AFTER_INTERRUPTION_MS);
    command.interrupt();
  };
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (error: unknown) => command.fail(error));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  // Once the app is ready Chromium takes the signals itself, and makes of the first a wish to quit. The second ends the process at once.
  app.on('before-quit', (event) => {
    event.preventDefault();
    interrupt();
  });

  void command.run(args, createAppHost({
    version: app.getVersion(),
    environment: process.env,
    ready: app.whenReady(),
    vault: electronVault,
    launch: () => launchEngine(engineFile, engineNode, process.env),
    answers: { chromiumGet, resolveProxy },
    administratorFile,
  }));
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}

function windowProfile(args: readonly string[]): string | undefined {
  try {
    return join(namedDataDir(args) ?? defaultDataDir({ platform: process.platform, homeDir: homeFolder(), environment: process.env }), 'window');
  } catch {
    // Nobody says where the data is; the command will.
    return undefined;
  }
}
