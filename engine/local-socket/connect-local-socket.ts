import { readFile } from 'node:fs/promises';
import { connect as connectSocket, type Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { engineContract, type EngineContract } from '../../shared/engine-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import { connect, type Connection } from '../../shared/rpc/typed-rpc.ts';
import { localProtocol, tokenFileName } from './serve-local-socket.ts';
import { createSocketPort } from './socket-port.ts';
import { localSocketPath } from './socket-path.ts';

const answerTimeoutMs = 3_000;
const welcomeSchema = z.object({ protocol: z.literal(localProtocol) });

/**
 * Connects to the engine that has this data folder open, in whatever process it runs.
 *
 * @returns undefined when none answers: none runs, or it is just starting or ending.
 * @throws CallError `data-folder-in-use` when one answers that speaks another version.
 */
export async function connectLocalSocket(dataDir: string): Promise<Connection<EngineContract> | undefined> {
  const token = await readFile(join(dataDir, tokenFileName), 'utf8').catch(() => undefined);
  if (token === undefined) return undefined;
  const socket = await open(await localSocketPath(dataDir));
  if (!socket) return undefined;
  const port = createSocketPort(socket);
  const welcome = await new Promise<unknown>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), answerTimeoutMs);
    const stop = port.onMessage((message) => { stop(); clearTimeout(timer); resolve(message); });
    socket.once('close', () => { clearTimeout(timer); resolve(undefined); });
    port.post({ token });
  });
  if (welcome === undefined) { socket.destroy(); return undefined; }
  if (!welcomeSchema.safeParse(welcome).success) { socket.destroy(); throw new CallError('data-folder-in-use', 'another version'); }
  const connection = connect(engineContract, port);
  // The engine's end fails every call under way instead of leaving it without an answer.
  socket.once('close', () => connection.close());
  return { ...connection, close: () => { connection.close(); socket.end(); } };
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
