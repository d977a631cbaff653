import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { Engine, EngineListener } from '../engine-types.ts';
import { connectLocalSocket } from './connect-local-socket.ts';
import { serveLocalSocket, type LocalSocket } from './serve-local-socket.ts';
import { localSocketPath } from './socket-path.ts';

let dir: string;
let serving: LocalSocket | undefined;
beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'relevo-sock-')); });
afterEach(async () => { await serving?.close(); serving = undefined; await rm(dir, { recursive: true, force: true }); });

const listeners = new Set<EngineListener>();
const emit: EngineListener = (event, payload) => { for (const listener of listeners) listener(event, payload); };

/** Only what these tests call; the contract's other calls are the engine's own affair. */
const engine = {
  calls: {
    getAccount: () => ({ name: 'signedOut' }),
    pauseQueue: () => undefined,
    retryUpload: () => { throw new CallError('not-found'); },
    getThumbnail: () => ({ bytes: new Uint8Array([1, 2, 3]) }),
    sync: () => new Promise(() => undefined),
    getSettings: () => { throw new Error('a secret text'); },
  },
  subscribe: (listener: EngineListener) => { listeners.add(listener); return () => { listeners.delete(listener); }; },
  close: () => Promise.resolve(),
} as unknown as Engine;

test('calls, answers, errors, bytes and events pass between two ends', async () => {
  serving = await serveLocalSocket(dir, engine);
  const connection = (await connectLocalSocket(dir))!;
  expect(await connection.call.getAccount()).toEqual({ name: 'signedOut' });
  expect(await connection.call.pauseQueue()).toBeUndefined();
  expect((await connection.call.getThumbnail({ id: '0b6ee09e-8ee0-4c7c-a0f7-6d2b7ee2ac77' })).bytes).toEqual(new Uint8Array([1, 2, 3]));
  await expect(connection.call.retryUpload({ id: '0b6ee09e-8ee0-4c7c-a0f7-6d2b7ee2ac77' })).rejects.toMatchObject({ code: 'not-found' });
  await expect(connection.call.getSettings()).rejects.toMatchObject({ code: 'internal', detail: undefined });
  const told = new Promise((resolve) => { connection.on('account', resolve); });
  emit('account', { name: 'signedOut', gateway: 'http://x' });
  expect(await told).toEqual({ name: 'signedOut', gateway: 'http://x' });
  connection.close();
});

test('the socket and the token are for their owner alone', async () => {
  serving = await serveLocalSocket(dir, engine);
  expect((await stat(dirname(serving.path))).mode & 0o777).toBe(0o700);
  expect((await stat(serving.path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(dir, 'socket-token'))).mode & 0o777).toBe(0o600);
});

test('no engine, no connection', async () => {
  expect(await connectLocalSocket(dir)).toBeUndefined();
  await writeFile(join(dir, 'socket-token'), 'left over');
  expect(await connectLocalSocket(dir)).toBeUndefined();
});

test('without the right token nothing is answered', async () => {
  serving = await serveLocalSocket(dir, engine);
  await writeFile(join(dir, 'socket-token'), 'f'.repeat(64));
  expect(await connectLocalSocket(dir)).toBeUndefined();

  const stranger = connect(serving.path);
  let heard = '';
  stranger.on('data', (piece: Buffer) => { heard += piece.toString(); });
  const closed = new Promise((resolve) => { stranger.on('close', resolve); });
  stranger.on('error', () => undefined);
  stranger.write('{"t":"q","i":"1","m":"call","a":["getAccount"]}\nnot json\n');
  await closed;
  expect(heard).toBe('');
});

test('a socket left by a process that died is replaced, a live one is not', async () => {
  const path = await localSocketPath(dir);
  await mkdir(dirname(path), { mode: 0o700 });
  await writeFile(path, '');
  serving = await serveLocalSocket(dir, engine);
  expect(await (await connectLocalSocket(dir))!.call.getAccount()).toEqual({ name: 'signedOut' });
  await expect(serveLocalSocket(dir, engine)).rejects.toMatchObject({ code: 'data-folder-in-use' });
});

test('calls under way fail when the engine goes away', async () => {
  serving = await serveLocalSocket(dir, engine);
  const connection = (await connectLocalSocket(dir))!;
  const call = connection.call.sync({});
  await connection.call.getAccount();
  await serving.close();
  await expect(call).rejects.toMatchObject({ code: 'engine-stopped' });
  expect(await connectLocalSocket(dir)).toBeUndefined();
});

test('an engine can wait until nobody counts on it', async () => {
  serving = await serveLocalSocket(dir, engine);
  await serving.untilAlone();
  const connection = (await connectLocalSocket(dir))!;
  let alone = false;
  const waiting = serving.untilAlone().then(() => { alone = true; });
  await connection.call.getAccount();
  expect(alone).toBe(false);
  connection.close();
  await waiting;
});

test('a path too long for a socket still works, and is private', async () => {
  const deep = join(dir, ...Array.from({ length: 12 }, () => 'a-rather-long-name'));
  await mkdir(deep, { recursive: true });
  serving = await serveLocalSocket(deep, engine);
  expect(Buffer.byteLength(serving.path)).toBeLessThan(104);
  expect((await stat(dirname(serving.path))).mode & 0o777).toBe(0o700);
  expect(await (await connectLocalSocket(deep))!.call.getAccount()).toEqual({ name: 'signedOut' });
  await rm(dirname(serving.path), { recursive: true });
});

test('a socket folder that is open to others is refused', async () => {
  await mkdir(join(dir, 'socket'));
  await chmod(join(dir, 'socket'), 0o777);
  await expect(serveLocalSocket(dir, engine)).rejects.toThrow(/open to others/);
});

test('a peer of another version is told apart from none', async () => {
  const path = await localSocketPath(dir);
  await mkdir(dirname(path), { mode: 0o700 });
  await writeFile(join(dir, 'socket-token'), 'x');
  const server = createServer((socket) => { socket.on('data', () => socket.write('{"protocol":999}\n')); });
  await new Promise<void>((resolve) => { server.listen(path, resolve); });
  await expect(connectLocalSocket(dir)).rejects.toMatchObject({ code: 'data-folder-in-use' });
  await new Promise((resolve) => { server.close(resolve); });
  expect(await readFile(join(dir, 'socket-token'), 'utf8')).toBe('x');
});
