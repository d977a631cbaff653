import { readFile } from 'node:fs/promises';
import { connect as connectSocket, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { engineContract, type EngineContract } from '../../shared/engine-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { MessageChannelPort } from '../../shared/rpc/contract.ts';
import { connect, type Connection } from '../../shared/rpc/typed-rpc.ts';
import { anyProtocolSchema, isProof, localProtocol, newNonce, proofOf, serverProofSchema, welcomeSchema } from './handshake.ts';
import { tokenFileName } from './serve-local-socket.ts';
import { createSocketPort } from './socket-port.ts';
import { checkSocketFolder, localSocketPath } from './socket-path.ts';

const answerTimeoutMs = 3_000;

/**
 * Connects to the engine that has this data folder open, in whatever process it runs.
 *
 * @returns undefined when none answers: none runs, or it is just starting or ending, or whoever answers under its name cannot prove
 * to be it, and has been told nothing. See [Note: Mutual proof].
 * @throws CallError `data-folder-in-use` when one answers that speaks another version.
 */
export async function connectLocalSocket(dataDir: string): Promise<Connection<EngineContract> | undefined> {
  const token = await readFile(join(dataDir, tokenFileName), 'utf8').catch(() => undefined);
  if (token === undefined) return undefined;
  const path = await localSocketPath(dataDir);
  if (process.platform !== 'win32' && !(await isOurs(dirname(path)))) return undefined;
  const socket = await open(path);
  if (!socket) return undefined;
  const port = createSocketPort(socket);
  const timer = setTimeout(() => socket.destroy(), answerTimeoutMs);
  const met = await proveEachOther(socket, port, token);
  clearTimeout(timer);
  if (met !== 'admitted') {
    socket.destroy();
    if (met === 'another-version') throw new CallError('data-folder-in-use', 'another version');
    return undefined;
  }
  const connection = connect(engineContract, port);
  // The engine's end fails every call under way instead of leaving it without an answer.
  socket.once('close', () => connection.close());
  return { ...connection, close: () => { connection.close(); socket.end(); } };
}

async function proveEachOther(socket: Socket, port: MessageChannelPort, token: string): Promise<'admitted' | 'another-version' | 'stranger'> {
  const client = newNonce();
  const first = await answerTo(socket, port, { protocol: localProtocol, nonce: client });
  const spoken = anyProtocolSchema.safeParse(first);
  if (spoken.success && spoken.data.protocol !== localProtocol) return 'another-version';
  const answer = serverProofSchema.safeParse(first);
  if (!answer.success) return 'stranger';
  const nonces = { client, server: answer.data.nonce };
  if (!isProof(answer.data.proof, proofOf(token, 'server', nonces))) return 'stranger';
  const welcome = await answerTo(socket, port, { proof: proofOf(token, 'client', nonces) });
  return welcomeSchema.safeParse(welcome).success ? 'admitted' : 'stranger';
}

/** @returns undefined where the other end went away, or was taken to have. */
function answerTo(socket: Socket, port: MessageChannelPort, message: unknown): Promise<unknown> {
  return new Promise((resolve) => {
    const gone = (): void => resolve(undefined);
    const stop = port.onMessage((answer) => { stop(); socket.off('close', gone); resolve(answer); });
    socket.once('close', gone);
    if (socket.destroyed) gone();
    port.post(message);
  });
}

/** In the temporary folder anyone may make one by our name. */
function isOurs(folder: string): Promise<boolean> {
  return checkSocketFolder(folder).then(() => true, () => false);
}

function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connectSocket(path);
    const timer = setTimeout(() => { socket.destroy(); resolve(undefined); }, answerTimeoutMs);
    socket.once('connect', () => { clearTimeout(timer); resolve(socket); });
    // Stays: an error after the connection is followed by `close`, which is where it is dealt with.
    socket.on('error', () => { clearTimeout(timer); resolve(undefined); });
  });
}
