import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, Socket, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { Engine, EngineListener } from '../engine-types.ts';
import { connectLocalSocket } from './connect-local-socket.ts';
import { newNonce } from './handshake.ts';
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

const leftOver = 'f'.repeat(64);

/** Somebody else under our name, beside a token that an engine left which did not end properly. */
async function squat(answer: (heard: string) => string, folderMode = 0o700): Promise<{ heard(): string; close(): Promise<void> }> {
  const path = await localSocketPath(dir);
  await mkdir(dirname(path), { recursive: true });
  await chmod(dirname(path), folderMode);
  await writeFile(join(dir, 'socket-token'), leftOver);
  let heard = '';
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (piece: Buffer) => { heard += piece.toString(); socket.write(answer(piece.toString())); });
  });
  await new Promise<void>((resolve) => { server.listen(path, resolve); });
  return { heard: () => heard, close: () => new Promise((resolve) => { server.close(() => resolve()); }) };
}

async function firstAnswer(path: string, message: unknown): Promise<unknown> {
  const socket = connect(path);
  socket.write(`${JSON.stringify(message)}\n`);
  const heard = await new Promise<Buffer>((resolve) => { socket.once('data', resolve); });
  socket.destroy();
  return JSON.parse(heard.toString());
}

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
  const squatter = await squat(() => '{"protocol":999}\n');
  await expect(connectLocalSocket(dir)).rejects.toMatchObject({ code: 'data-folder-in-use' });
  await squatter.close();
  expect(await readFile(join(dir, 'socket-token'), 'utf8')).toBe(leftOver);

  serving = await serveLocalSocket(dir, engine);
  expect(await firstAnswer(serving.path, { protocol: 1, token: 'x' })).toEqual({ protocol: 2 });
});

test.each([
  ['lets everybody in', () => '{"protocol":2,"welcome":true}\n{"protocol":2,"welcome":true}\n'],
  ['makes a proof up', () => `${JSON.stringify({ protocol: 2, nonce: newNonce(), proof: newNonce() })}\n`],
  ['answers with what it was told', (heard: string) => `${JSON.stringify({ ...JSON.parse(heard) as object, proof: (JSON.parse(heard) as { nonce?: string }).nonce })}\n`],
])('whoever holds our name without the token learns nothing: one that %s', async (_what, answer) => {
  const squatter = await squat(answer);
  const connection = await connectLocalSocket(dir);
  void connection?.call.signIn({ email: 'ana@clinic.test', password: 'her password' }).catch(() => undefined);
  expect(connection).toBeUndefined();
  await squatter.close();
  expect(squatter.heard()).toMatch(/^\{"protocol":2,"nonce":"[0-9a-f]{64}"\}\n$/);
});

test('a command does not even connect in a folder that is open to others', async () => {
  const squatter = await squat(() => '', 0o755);
  expect(await connectLocalSocket(dir)).toBeUndefined();
  await squatter.close();
  expect(squatter.heard()).toBe('');
});

test('an engine that cannot listen leaves no token behind', async () => {
  const squatter = await squat(() => '');
  await expect(serveLocalSocket(dir, engine)).rejects.toMatchObject({ code: 'data-folder-in-use' });
  await squatter.close();
  await expect(stat(join(dir, 'socket-token'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('the token crosses nothing, and what one connection proved is worth nothing in the next', async () => {
  serving = await serveLocalSocket(dir, engine);
  const token = await readFile(join(dir, 'socket-token'), 'utf8');
  const said: string[] = [];
  const write = Socket.prototype.write;
  const spy = vi.spyOn(Socket.prototype, 'write').mockImplementation(function spied(this: Socket, ...args: unknown[]) {
    said.push(String(args[0]));
    return Reflect.apply(write, this, args) as boolean;
  });
  const connection = (await connectLocalSocket(dir))!;
  expect(await connection.call.getAccount()).toEqual({ name: 'signedOut' });
  connection.close();
  spy.mockRestore();
  expect(said.join('')).not.toContain(token);

  const proof = said.find((line) => line.startsWith('{"proof"'))!;
  const replayed = connect(serving.path);
  let heard = '';
  replayed.on('data', (piece: Buffer) => { heard += piece.toString(); if (!heard.includes('welcome')) replayed.write(proof); });
  const closed = new Promise((resolve) => { replayed.on('close', resolve); });
  replayed.write(said[0]!);
  await closed;
  expect(heard).not.toContain('welcome');
});
