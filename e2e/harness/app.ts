/** @file Starts the real app on a data folder of its own, and knows its processes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { _electron } from 'playwright';
import type { ElectronApplication, Page } from 'playwright';
import { electronRuntime, launchOptions } from '../../build/electron-runtime.mjs';
import { checkout } from '../../build/paths.mjs';

export interface LaunchOptions {
  dataDir: string;
  /** The folder with its package.json and bundle; the checkout by default. */
  appFolder?: string;
  /** Beside what the app needs in any case. */
  env?: Record<string, string>;
}

export interface RelevoApp {
  readonly electron: ElectronApplication;
  readonly page: Page;
  readonly dataDir: string;
  /** What main and the engine wrote to their streams, line by line. */
  readonly lines: string[];
  /** From the start of the program to what happened, in milliseconds, as main saw it. */
  readonly shownAfterMs: number;
  /** Of the engine that runs now. */
  enginePid(): number;
  /** Resolves when the engine runs that was started after `pid`. */
  nextEngine(pid: number): Promise<number>;
  /** Kills main and the engine in the same instant, as a power failure does. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

const LAUNCH_LIMIT_MS = 30_000;

/** Chromium's complaints about a machine without a desktop session, which say nothing about the app. */
const NOISE = /ERROR:(bus|viz_main_impl|one_copy_raster|shared_image|object_proxy|gpu_|command_buffer)|^(Debugger|For help|DevTools listening)/;

interface LogLine { event: string; pid?: number; sinceStartMs?: number }

function parse(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}

/** The environment without what would lead the app elsewhere. */
function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && !/^(RELEVO_(?!ELECTRON_PATH|CACHE)|ELECTRON_|NODE_OPTIONS)/.test(entry[0])));
}

export async function launchApp({ dataDir, appFolder = checkout, env = {} }: LaunchOptions): Promise<RelevoApp> {
  const runtime = await electronRuntime(() => undefined);
  const options = launchOptions(runtime);
  const electron = await _electron.launch({
    executablePath: runtime.path,
    args: [...options.args, appFolder],
    timeout: LAUNCH_LIMIT_MS,
    env: { ...cleanEnvironment(), ...options.env, RELEVO_DATA_DIR: dataDir, ...env },
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  for (const stream of [electron.process().stdout, electron.process().stderr]) {
    let rest = '';
    stream?.on('data', (data: Buffer) => {
      const parts = (rest + data.toString()).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) if (line.trim() && !NOISE.test(line)) lines.push(line);
      for (const look of waiting) look();
    });
  }
  const logged = async (matches: (line: LogLine) => boolean): Promise<LogLine> => {
    const look = (): LogLine | undefined => lines.map(parse).find((line) => line && matches(line));
    return look() ?? new Promise((resolve, reject) => {
      const settle = (line: LogLine | undefined): void => {
        waiting.delete(again);
        clearTimeout(limit);
        if (line) resolve(line);
        else reject(new Error(`The app did not say what was waited for:\n${lines.slice(-20).join('\n')}`));
      };
      const again = (): void => {
        const line = look();
        if (line) settle(line);
      };
      const limit = setTimeout(() => settle(undefined), LAUNCH_LIMIT_MS);
      waiting.add(again);
    });
  };
  const enginePids = (): number[] => lines.map(parse).flatMap((line) => (line?.event === 'engine.running' && line.pid !== undefined ? [line.pid] : []));
  const [page, shown] = await Promise.all([electron.firstWindow(), logged(({ event }) => event === 'window.shown'), logged(({ event }) => event === 'engine.running')]);
  const exited = new Promise<void>((resolve) => { electron.process().once('exit', () => resolve()); });

  return {
    electron,
    page,
    dataDir,
    lines,
    shownAfterMs: shown.sinceStartMs ?? Number.NaN,
    enginePid: () => enginePids().at(-1)!,
    nextEngine: async (pid) => (await logged((line) => line.event === 'engine.running' && line.pid !== undefined && enginePids().indexOf(line.pid) > enginePids().indexOf(pid))).pid!,
    kill: async () => {
      const engine = enginePids().at(-1)!;
      electron.process().kill('SIGKILL');
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

export function isAlive(pid: number): boolean {
  // A killed child that nobody has waited for yet still has its number.
  if (process.platform === 'linux' && !existsSync(join('/proc', String(pid), 'exe'))) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Resolves when the process is no more. Looks, since nothing tells of another's child. */
export async function gone(pid: number, limitMs = 10_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (isAlive(pid)) {
    if (performance.now() > end) throw new Error(`Process ${pid} is still there after ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
