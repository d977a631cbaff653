import { randomBytes } from 'node:crypto';
import { chmod, open, rename, rm, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { engineContract } from '../../shared/engine-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { MessageChannelPort } from '../../shared/rpc/contract.ts';
import { serve } from '../../shared/rpc/typed-rpc.ts';
import type { Engine } from '../engine-types.ts';
import { silentLogger, type Logger } from '../logging/logger.ts';
import { anyProtocolSchema, clientProofSchema, helloSchema, isProof, localProtocol, newNonce, proofOf, type welcomeSchema } from './handshake.ts';
import { createSocketPort } from './socket-port.ts';
import { localSocketPath, makeSocketFolder } from './socket-path.ts';

export const tokenFileName = 'socket-token';
const helloTimeoutMs = 5_000;
/** A peer that does not read gets no more events, only its answers. */
const maxEventBacklog = 8 * 1024 * 1024;

export interface LocalSocket {
  readonly path: string;
  close(): Promise<void>;
  /** Resolves when nobody is connected, at once if so: for an engine that would end, and on which another command still counts. */
  untilAlone(): Promise<void>;
}

/**
 * Answers the engine's calls to other processes of the same person on this computer.
 *
 * Two locks: the socket lies in a folder for its owner alone, and both ends first prove that they know the token that lies, for
 * its owner alone, in the data folder (see [Note: Mutual proof]). On Windows, where a pipe is open to all, the token is the lock.
 *
 * The data folder's lock is held, so a token that is found was left by a process that died: it goes before anything else, lest a
 * command believes in it where listening fails. A socket left by such a process is replaced. @throws CallError `data-folder-in-use` where a live one answers.
 */
export async function serveLocalSocket(dataDir: string, engine: Engine, options: { log?: Logger } = {}): Promise<LocalSocket> {
  const log = options.log ?? silentLogger;
  const path = await localSocketPath(dataDir);
  const token = randomBytes(32).toString('hex');
  await rm(join(dataDir, tokenFileName), { force: true });
  if (process.platform !== 'win32') {
    await makeSocketFolder(dirname(path));
    await removeStale(path);
  }
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A peer that went away; there is nobody to tell.
    socket.on('error', () => socket.destroy());
    admit(socket, token, (port) => answerCalls(socket, port, engine, log));
  });
  await listen(server, path);
  // An idle peer must not keep the engine's process alive.
  server.unref();
  if (process.platform !== 'win32') await chmod(path, 0o600);
  await writeToken(join(dataDir, tokenFileName), token);
  return {
    path,
    async untilAlone() {
      for (const socket of sockets) if (!socket.destroyed) await new Promise((resolve) => { socket.once('close', resolve); });
    },
    async close() {
      await unlink(join(dataDir, tokenFileName)).catch(() => undefined);
      const closed = new Promise<void>((resolve) => { server.close(() => resolve()); });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Proves itself to whoever says a first word of ours, and waits for the same; until it came, nothing else is answered. */
function admit(socket: Socket, token: string, onAdmitted: (port: MessageChannelPort) => void): void {
  const port = createSocketPort(socket);
  const timer = setTimeout(() => socket.destroy(), helloTimeoutMs).unref();
  const server = newNonce();
  let wanted: string | undefined;
  const stop = port.onMessage((message) => {
    if (wanted === undefined) {
      const hello = helloSchema.safeParse(message);
      if (!hello.success) {
        // One of another version is told apart from nobody at all.
        if (anyProtocolSchema.safeParse(message).success) port.post({ protocol: localProtocol });
        stop();
        socket.end();
        return;
      }
      const nonces = { client: hello.data.nonce, server };
      wanted = proofOf(token, 'client', nonces);
      port.post({ protocol: localProtocol, nonce: server, proof: proofOf(token, 'server', nonces) });
      return;
    }
    stop();
    clearTimeout(timer);
    const shown = clientProofSchema.safeParse(message);
    if (!shown.success || !isProof(shown.data.proof, wanted)) { socket.destroy(); return; }
    port.post({ protocol: localProtocol, welcome: true } satisfies z.input<typeof welcomeSchema>);
    onAdmitted(port);
  });
}

function answerCalls(socket: Socket, port: MessageChannelPort, engine: Engine, log: Logger): void {
  const server = serve(engineContract, engine.calls, port, {
    onUnexpected: (method, error) => log.error('local-socket.unexpected', { method, errorName: error instanceof Error ? error.name : typeof error }),
  });
  const unsubscribe = engine.subscribe((event, payload) => {
    if (socket.writableLength < maxEventBacklog) server.emit(event, payload);
  });
  socket.on('close', () => { unsubscribe(); server.close(); });
}

/** A socket that nobody answers on was left by a process that died. */
async function removeStale(path: string): Promise<void> {
  const answered = await new Promise<boolean>((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
  if (answered) throw new CallError('data-folder-in-use');
  await unlink(path).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'ENOENT') throw error; });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => { server.off('error', reject); resolve(); });
  });
}

/** Put in its place whole, so that whoever reads it finds the old one or the new one. */
async function writeToken(path: string, token: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try { await file.writeFile(token); } finally { await file.close(); }
  await rename(temporary, path);
}
