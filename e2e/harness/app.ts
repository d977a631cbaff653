/** @file Starts the real app on a data folder of its own, and knows its processes. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { _electron } from 'playwright';
import type { ElectronApplication, Page } from 'playwright';
import { electronRuntime, launchOptions } from '../../build/electron-runtime.mjs';
import { checkout } from '../../build/paths.mjs';
import { run } from '../../build/processes.mjs';
import { dataFolderPaths } from '../../engine/data-folder/data-folder.ts';
import { connectLocalSocket } from '../../engine/local-socket/connect-local-socket.ts';

export interface LaunchOptions {
  dataDir: string;
  /** The folder with its package.json and bundle; the checkout by default. */
  appFolder?: string;
  /** Of Chromium, such as a camera that is not there. */
  args?: string[];
  /** Of the app itself, such as a link. */
  appArgs?: string[];
  /** Beside what the app needs in any case. */
  env?: Record<string, string>;
  /** False where the data cannot be opened: no engine is waited for. */
  opens?: boolean;
}

export interface RelevoApp {
  readonly electron: ElectronApplication;
  readonly page: Page;
  readonly dataDir: string;
  /** What main and the engine wrote to their streams since Playwright let us listen; the first lines may be missing. */
  readonly lines: string[];
  /** From the call of `launchApp` until the window was to be seen, in milliseconds. */
  readonly shownAfterMs: number;
  /** Of the engine that answers now. */
  enginePid(): Promise<number>;
  /** Resolves with the process id of the engine that answers after the one with `pid`. */
  nextEngine(pid: number): Promise<number>;
  /** Kills main and the engine in the same instant, as a power failure does. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

const LAUNCH_LIMIT_MS = 30_000;
const LOOK_MS = 25;

/** Chromium's complaints about a machine without a desktop session, which say nothing about the app. */
const NOISE = /ERROR:(bus|viz_main_impl|one_copy_raster|shared_image|object_proxy|gpu_|command_buffer)|^(Debugger|For help|DevTools listening)/;

/** The environment without what would lead the app elsewhere. */
export function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && !/^(RELEVO_(?!ELECTRON_PATH|CACHE)|ELECTRON_|NODE_OPTIONS)/.test(entry[0])));
}

/** Looks until there is something to see; the processes looked at tell nothing by themselves. */
async function eventually<T>(what: string, look: () => Promise<T | undefined>, limitMs = LAUNCH_LIMIT_MS): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`Not after ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** The process that holds the data folder, once it answers calls. */
async function answeringEngine(dataDir: string): Promise<number | undefined> {
  const connection = await connectLocalSocket(dataDir);
  if (!connection) return undefined;
  connection.close();
  const holder = JSON.parse(await readFile(dataFolderPaths(dataDir).lockHolder, 'utf8')) as { pid: number };
  return isAlive(holder.pid) ? holder.pid : undefined;
}

function collectLines(electron: ElectronApplication): string[] {
  const lines: string[] = [];
  for (const stream of [electron.process().stdout, electron.process().stderr]) {
    let rest = '';
    stream?.on('data', (data: Buffer) => {
      const parts = (rest + data.toString()).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) if (line.trim() && !NOISE.test(line)) lines.push(line);
    });
  }
  return lines;
}

export async function launchApp({ dataDir, appFolder = checkout, args = [], appArgs = [], env = {}, opens = true }: LaunchOptions): Promise<RelevoApp> {
  const runtime = await electronRuntime(() => undefined);
  const options = launchOptions(runtime);
  const began = performance.now();
  const electron = await _electron.launch({
    executablePath: runtime.path,
    args: [...options.args, ...args, appFolder, ...appArgs],
    timeout: LAUNCH_LIMIT_MS,
    env: { ...cleanEnvironment(), ...options.env, RELEVO_DATA_DIR: dataDir, ...env },
  });
  const lines = collectLines(electron);
  const main = electron.process();
  const exited = new Promise<void>((resolve) => { main.once('exit', () => resolve()); });

  const shown = async (): Promise<number> => {
    await electron.firstWindow({ timeout: LAUNCH_LIMIT_MS });
    return eventually('the window is to be seen', async () =>
      (await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().some((window) => window.isVisible()))) ? performance.now() - began : undefined);
  };
  const enginePid = (): Promise<number> => eventually('the engine answers', () => answeringEngine(dataDir));
  const [shownAfterMs] = await Promise.all([shown(), opens ? enginePid() : undefined]).catch((error: unknown) => {
    const ended = main.exitCode === null ? 'It still runs.' : `It ended with exit code ${main.exitCode}.`;
    main.kill('SIGKILL');
    throw new Error(`The app did not come up. ${ended} It said:\n${lines.slice(-30).join('\n')}`, { cause: error });
  });

  return {
    electron,
    page: await electron.firstWindow(),
    dataDir,
    lines,
    shownAfterMs: Math.round(shownAfterMs),
    enginePid,
    nextEngine: (pid) => eventually('another engine answers', async () => {
      const now = await answeringEngine(dataDir);
      return now === pid ? undefined : now;
    }),
    kill: async () => {
      const engine = await enginePid();
      main.kill('SIGKILL');
      try {
        process.kill(engine, 'SIGKILL');
      } catch {
        // It may have seen main's end first.
      }
      await exited;
      await gone(engine);
    },
    close: async () => {
      await electron.close();
      await exited;
    },
  };
}

/** Starts the app once more on the same data, as the system does with a link, and waits until that start has ended. */
export async function startAgain({ dataDir }: RelevoApp, appArgs: string[]): Promise<void> {
  const runtime = await electronRuntime(() => undefined);
  const { args, env } = launchOptions(runtime);
  const { code, output } = await run(runtime.path, [...args, checkout, ...appArgs], { env: { ...cleanEnvironment(), ...env, RELEVO_DATA_DIR: dataDir }, seconds: 30 });
  if (code !== 0) throw new Error(`The second start ended with ${code}:\n${output}`);
}

export function isAlive(pid: number): boolean {
  // A killed child that nobody has waited for yet still has its number.
  if (process.platform === 'linux' && !existsSync(join('/proc', String(pid), 'exe'))) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Resolves when the process is no more. */
export async function gone(pid: number): Promise<void> {
  await eventually(`process ${pid} is gone`, async () => (isAlive(pid) ? undefined : true), 10_000);
}
