/**
 * @file The engine's own process: opens the data folder and answers main, for its window or for a command that it runs, and other commands over a
 * local socket.
 * Runs as an Electron utility process or on plain Node 24; must import nothing of Electron but types.
 */
import { join } from 'node:path';
import { systemClock } from '../../engine/clock.ts';
import { callErrorCodeOf } from '../../engine/calls-on-a-disk.ts';
import { DataFolderInUse } from '../../engine/data-folder/lock-holder.ts';
import { serveLocalSocket } from '../../engine/local-socket/serve-local-socket.ts';
import { createFileLogger } from '../../engine/logging/file-logger.ts';
import { isKnownCode } from '../../engine/logging/known-words.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { windowCalls } from '../../engine/window-calls.ts';
import { DatabaseError } from '../../engine/queue/database-error.ts';
import { hostContract, type HostContract } from '../../shared/host-contract.ts';
import { engineContract } from '../../shared/engine-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { Client, MessageChannelPort } from '../../shared/rpc/contract.ts';
import type { CallErrorCode } from '../../shared/rpc/call-error.ts';
import { connect, serve } from '../../shared/rpc/typed-rpc.ts';
import { toEngineSchema } from './messages.ts';
import type { FromEngine, ToEngine } from './messages.ts';
import { parentChannel } from './parent-channel.ts';
import { serveRecovery } from './recovery.ts';

/** A database that does not close in this time is cut off: it survives that, as it survives a power failure. */
const CLOSE_LIMIT_MS = 4_000;

const channel = parentChannel();
const send = (message: FromEngine): void => channel.post(message);

interface Opened {
  close(): Promise<void>;
  /** Resolves when no command is answered any more. */
  untilAlone(): Promise<void>;
}

let opened: Promise<Opened> | undefined;
let ending = false;

async function open({ dataDir, key, version, administratorFile, command = false }: Extract<ToEngine, { type: 'start' }>): Promise<Opened> {
  const log = createFileLogger({ dir: join(dataDir, 'logs'), level: 'info', clock: systemClock });
  const main = connectMain();
  // For a window main starts a new process, which puts the damaged file aside; a call under way is told that this one stopped.
  const engine = await openEngine({
    dataDir, key, kind: command ? 'cli' : 'app', sending: !command, log, ...(version === undefined ? {} : { version }), diagnosis: { chromium: { get: (url, limitMs) => main.chromiumGet({ url, limitMs }) } }, ...(command ? {} : { onDamaged: () => void end(1) }),
    ...(administratorFile === undefined ? {} : { administratorFile }),
    network: { resolveSystem: async (url) => (await main.resolveProxy({ url })).routes },
  }).finally(() => key.bytes.fill(0));
  const asked = command ? { calls: engine.calls, subscribe: engine.subscribe, close: () => undefined } : windowCalls(engine, systemClock);
  const server = serve(engineContract, asked.calls, framePort('frame'), { onUnexpected: reportUnexpected });
  const unsubscribe = asked.subscribe((event, payload) => server.emit(event, payload));
  // Without it only the command line misses something: no reason to keep the photos waiting.
  const socket = await serveLocalSocket(dataDir, engine, { log }).catch((error: unknown) => reportUnexpected('local-socket', error));
  send({ type: 'ready' });
  return {
    untilAlone: async () => socket?.untilAlone(),
    async close() {
      unsubscribe();
      asked.close();
      server.close();
      await socket?.close();
      await engine.close();
      await log.close();
    },
  };
}

/** One kind of the frames that come and go, as a port of its own. */
function framePort(type: 'frame' | 'host-frame'): MessageChannelPort {
  return {
    post: (frame) => send({ type, frame }),
    onMessage: (listener) => channel.onMessage((raw) => {
      const message = toEngineSchema.safeParse(raw);
      if (message.success && message.data.type === type) listener(message.data.frame);
    }),
  };
}

/** Chromium, its network stack and what it knows of the system's proxies are in main only. */
function connectMain(): Client<HostContract> {
  return connect(hostContract, framePort('host-frame')).call;
}

/** Names the kind of error and where it came from, never its text: that may hold a path or a patient's name. */
function reportUnexpected(where: string, error: unknown): void {
  const known = (text: string): string => (isKnownCode(text) ? text : 'Error');
  const code = error instanceof Error && 'code' in error ? known(String(error.code)) : undefined;
  const frames = error instanceof Error ? error.stack?.split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 6) : undefined;
  process.stderr.write(`${JSON.stringify({ level: 'error', event: 'engine.unexpected', where, kind: error instanceof Error ? known(error.name) : typeof error, code, frames })}\n`);
}

async function end(exitCode: number): Promise<void> {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(exitCode || 1), CLOSE_LIMIT_MS).unref();
  try {
    await (await opened)?.close();
  } catch (error) {
    reportUnexpected('close', error);
  }
  process.exit(exitCode);
}

function codeOf(error: unknown): CallErrorCode {
  if (error instanceof CallError) return error.code;
  if (error instanceof DatabaseError) return callErrorCodeOf(error.reason);
  return error instanceof DataFolderInUse ? 'data-folder-in-use' : 'internal';
}

function start(message: Extract<ToEngine, { type: 'start' }>): void {
  if (opened) return;
  if (message.command) leaveToMain('SIGTERM');
  opened = open(message);
  opened.catch((error: unknown) => {
    const code = codeOf(error);
    if (code === 'internal') reportUnexpected('open', error);
    send({ type: 'failed', code, ...(error instanceof DatabaseError ? { database: error.reason } : {}) });
    opened = undefined;
    // A turn of the loop, so that the message is on its way before the process is gone.
    setTimeout(() => void end(1), 50);
  });
}

function startRecovery({ dataDir, key }: Extract<ToEngine, { type: 'recover' }>): void {
  if (opened) return;
  leaveToMain('SIGTERM');
  const close = serveRecovery({ dataDir, key: key.bytes }, framePort('frame'), reportUnexpected);
  opened = Promise.resolve({ close, untilAlone: () => Promise.resolve() });
  send({ type: 'ready' });
}

async function stop(whenAlone: boolean): Promise<void> {
  // One that did not open ends by itself.
  if (whenAlone) await opened?.then(({ untilAlone }) => untilAlone(), () => undefined);
  await end(0);
}

channel.onMessage((raw) => {
  const message = toEngineSchema.safeParse(raw);
  if (!message.success) return;
  if (message.data.type === 'start') start(message.data);
  if (message.data.type === 'recover') startRecovery(message.data);
  if (message.data.type === 'stop') void stop(message.data.whenAlone ?? false);
});

/** For a signal that reaches every process of the app: main hears it too, and says what becomes of this one. */
function leaveToMain(signal: NodeJS.Signals): void {
  process.on(signal, () => undefined);
}

// A terminal gives them, Ctrl-C and its own end, to all that runs in it; a service manager a command's SIGTERM.
for (const signal of ['SIGINT', 'SIGHUP'] as const) leaveToMain(signal);

// Nobody is left to show anything to, and the next app must be able to open the data folder.
channel.onGone(() => void end(0));

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    // What is in memory can no longer be trusted; everything that counts is on the disk, and main starts a new process.
    reportUnexpected(event, error);
    process.exit(1);
  });
}
