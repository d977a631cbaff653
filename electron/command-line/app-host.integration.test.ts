/** @file The engine's real process under a command, with a keychain in memory in place of the system's. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandHost } from '../../cli/command-host.ts';
import { openEngineSession, type EngineSession } from '../../cli/engine-session.ts';
import { DataFolderInUse } from '../../engine/data-folder/lock-holder.ts';
import { connectLocalSocket } from '../../engine/local-socket/connect-local-socket.ts';
import { openEncryptedSpool } from '../../engine/spool/encrypted-spool.ts';
import { engineEnvironment } from '../main/engine-environment.ts';
import { launchNodeProcess, type EngineProcess } from '../main/node-engine-process.ts';
import { obtainDataKey, type Vault } from '../main/secrets.ts';
import { createAppHost } from './app-host.ts';

const engineFile = fileURLToPath(new URL('../engine-process/engine-process.ts', import.meta.url));

let deafFile: string;
let dir: string;
let dataDir: string;
let launched: EngineProcess[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-host-'));
  dataDir = join(dir, 'data');
  deafFile = join(dir, 'deaf.mjs');
  await writeFile(deafFile, "process.on('message', () => undefined);");
  launched = [];
});
afterEach(async () => {
  for (const engine of launched) engine.kill();
  await rm(dir, { recursive: true, force: true });
});

const keychain: Vault = {
  isReal: () => true,
  mayBeReal: () => true,
  seal: (text) => Buffer.from(`sealed ${text}`),
  unseal: (sealed) => {
    if (!sealed.toString().startsWith('sealed ')) throw new Error('another keychain');
    return sealed.toString().slice('sealed '.length);
  },
};

function hostWith(vault: Vault, environment: Record<string, string> = {}): CommandHost {
  return createAppHost({
    version: '1.2.3', environment, ready: Promise.resolve(), vault, answers: {},
    launch: () => {
      const engine = launchNodeProcess(engineFile, process.execPath, engineEnvironment({ ...process.env, ...environment }));
      launched.push(engine);
      return engine;
    },
  });
}
const host = hostWith(keychain);
const io = { environment: {}, signal: new AbortController().signal };

async function opened(of = host): Promise<EngineSession> {
  const session = await of.openEngine(dataDir, io);
  if (session instanceof Error) throw session;
  return session;
}

/** As the window makes it at its first start. */
async function sealedKey(): Promise<Uint8Array> {
  return (await obtainDataKey({ dataDir, environment: {}, vault: keychain })).bytes;
}

test('opens what the window sealed, sends nothing by itself, and answers other commands meanwhile', async () => {
  await sealedKey();
  const session = await opened();
  expect(await session.call.getStatus()).toMatchObject({ keySource: 'keychain' });
  // Held by no window's lock and no window's rules: this one is the administrator's.
  expect(await session.call.changeSettings({ shareQueue: true })).toMatchObject({ shareQueue: true });
  const other = await openEngineSession(dataDir, io, { openEngine: () => { throw new Error('one runs already'); } });
  expect(await other.call.getSettings()).toMatchObject({ shareQueue: true });
  let closed = false;
  const closing = session.close().then(() => { closed = true; });
  // Not before the other has what it wants, however long that takes.
  await new Promise((resolve) => { setTimeout(resolve, 300); });
  expect(await other.call.getAccount()).toEqual({ name: 'signedOut' });
  expect(closed).toBe(false);
  await other.close();
  await closing;
  const log = (await Promise.all((await readdir(join(dataDir, 'logs'))).map((name) => readFile(join(dataDir, 'logs', name), 'utf8')))).join('');
  expect(log).toContain('"event":"engine.started","sending":false');
  expect(await connectLocalSocket(dataDir)).toBeUndefined();
});

test.each(['before it is done', 'while it waits for another'])('one that is interrupted %s waits for no other command', async (when) => {
  await sealedKey();
  const interruption = new AbortController();
  const session = await host.openEngine(dataDir, { ...io, signal: interruption.signal });
  if (session instanceof Error) throw session;
  const other = (await connectLocalSocket(dataDir))!;
  if (when === 'before it is done') interruption.abort();
  const closing = session.close();
  await new Promise((resolve) => { setTimeout(resolve, 100); });
  interruption.abort();
  await closing;
  await expect(other.call.getAccount()).rejects.toMatchObject({ code: 'engine-stopped' });
});

test('a new folder gets no key from the keychain: that is the window’s to make', async () => {
  await expect(host.openEngine(dataDir, io)).rejects.toMatchObject({ name: 'DataKeyError', reason: 'not-made-yet' });
  expect(await readdir(dataDir)).toEqual([]);
  expect(launched).toEqual([]);
});

test('without a keychain, and with a key in the environment, it opens a new folder as the window would', async () => {
  const without = hostWith({ ...keychain, mayBeReal: () => false });
  await (await opened(without)).close();
  expect(existsSync(join(dataDir, 'data.key'))).toBe(true);
  await rm(dataDir, { recursive: true });
  const given = await opened(hostWith(keychain, { RELEVO_KEY: Buffer.alloc(32, 7).toString('base64') }));
  expect(await given.call.getStatus()).toMatchObject({ keySource: 'environment' });
  await given.close();
  expect(existsSync(join(dataDir, 'data.key'))).toBe(false);
});

test('a keychain that does not give the key is told as such, and nothing is made in its place', async () => {
  await mkdir(dataDir);
  await writeFile(join(dataDir, 'key.sealed'), 'under another keychain');
  await expect(host.openEngine(dataDir, io)).rejects.toMatchObject({ reason: 'keychain-locked' });
  expect(await readdir(dataDir)).toEqual(['key.sealed']);
});

test.each([['without a key', []], ['beside a key of ours', ['key.sealed']]])('a folder that others use gets nothing, %s', async (_what, keys) => {
  if (keys.length > 0) await sealedKey();
  await mkdir(dataDir, { recursive: true });
  await chmod(dataDir, 0o777);
  await writeFile(join(dataDir, 'theirs'), '');
  await expect(host.openEngine(dataDir, io)).rejects.toMatchObject({ name: 'ForeignFolder' });
  await expect(host.recover({ dataDir, folder: join(dir, 'to'), onProgress: () => undefined }, io)).rejects.toMatchObject({ name: 'ForeignFolder' });
  expect((await readdir(dataDir)).sort()).toEqual([...keys, 'theirs']);
  expect(launched).toEqual([]);
});

test('who has the folder open is told, to a command and to a recovery', async () => {
  await sealedKey();
  const session = await opened();
  await mkdir(join(dataDir, 'spool'), { recursive: true });
  const refused = await host.openEngine(dataDir, io);
  expect(refused).toBeInstanceOf(DataFolderInUse);
  expect(refused).toMatchObject({ holder: { kind: 'cli', pid: launched[0]!.pid } });
  await expect(host.recover({ dataDir, folder: join(dir, 'to'), onProgress: () => undefined }, io)).rejects.toMatchObject({ name: 'DataFolderInUse', holder: { pid: launched[0]!.pid } });
  await session.close();
});

test('what the database could not do has its reason', async () => {
  await (await opened(hostWith({ ...keychain, mayBeReal: () => false }))).close();
  await rm(join(dataDir, 'data.key'));
  const other = hostWith(keychain, { RELEVO_KEY: Buffer.alloc(32, 7).toString('base64') });
  await expect(other.openEngine(dataDir, io)).rejects.toMatchObject({ name: 'DatabaseError', reason: 'wrong-key' });
});

test.each(['openEngine', 'recover'] as const)('one whose engine hangs before it is open hears an interruption: %s', async (what) => {
  await sealedKey();
  const interruption = new AbortController();
  const hangs = createAppHost({
    version: '1.2.3', environment: {}, ready: Promise.resolve(), vault: keychain, answers: {},
    launch: () => {
      const engine = launchNodeProcess(deafFile, process.execPath, engineEnvironment(process.env));
      launched.push(engine);
      return engine;
    },
  });
  const opening = what === 'openEngine' ? hangs.openEngine(dataDir, { ...io, signal: interruption.signal })
    : hangs.recover({ dataDir, folder: join(dir, 'to'), onProgress: () => undefined }, { ...io, signal: interruption.signal });
  setTimeout(() => interruption.abort(new Error('no more of it')), 100);
  await expect(opening).rejects.toThrow('no more of it');
  expect(() => process.kill(launched[0]!.pid!, 0)).toThrow('ESRCH');
}, 10_000);

test('an engine that dies fails the call, and is not started again', async () => {
  await sealedKey();
  const session = await opened();
  // It must not have answered first.
  process.kill(launched[0]!.pid!, 'SIGSTOP');
  const call = session.call.sync({});
  launched[0]!.kill();
  await expect(call).rejects.toMatchObject({ code: 'engine-stopped' });
  await session.close();
  expect(launched).toHaveLength(1);
});

/** @returns what was sealed */
async function seal(fileName: string, bytes: Buffer): Promise<Buffer> {
  const spool = await openEncryptedSpool({ dir: join(dataDir, 'spool'), key: await sealedKey() });
  const id = randomUUID();
  const writer = await spool.create(id);
  await writer.write(bytes);
  await writer.seal({
    id, accountId: 'a', patientId: 'p', patientName: 'Ana', fileName, contentType: 'image/jpeg', sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'), md5: createHash('md5').update(bytes).digest('hex'), tags: [], addedAt: Date.now(),
  });
  return bytes;
}

test('photos are taken out without the database; a target that cannot be written to has the system’s code', async () => {
  const bytes = await seal('one.jpg', Buffer.from('a photo, as far as the spool knows'));
  await writeFile(join(dataDir, 'queue.db'), 'no database any more');
  const progress: [number, number][] = [];
  const photos = await host.recover({ dataDir, folder: join(dir, 'to'), onProgress: (...now) => progress.push(now) }, io);
  expect(photos).toMatchObject([{ outcome: 'recovered', file: 'one.jpg', facts: { patientName: 'Ana' } }]);
  expect(progress).toEqual([[1, 1]]);
  expect(await readFile(join(dir, 'to', 'one.jpg'))).toEqual(bytes);
  await writeFile(join(dir, 'file'), '');
  await expect(host.recover({ dataDir, folder: join(dir, 'file'), onProgress: () => undefined }, io)).rejects.toMatchObject({ code: 'EEXIST' });
});

test('a recovery that is interrupted stops after the photo that it is at, with nothing half done', async () => {
  const names = ['one.jpg', 'two.jpg', 'three.jpg', 'four.jpg', 'five.jpg', 'six.jpg'];
  for (const name of names) await seal(name, Buffer.alloc(8_000_000, name));
  const interruption = new AbortController();
  const stopped = host.recover({ dataDir, folder: join(dir, 'to'), onProgress: () => interruption.abort(new Error('no more of it')) }, { ...io, signal: interruption.signal });
  await expect(stopped).rejects.toThrow('no more of it');
  const there = await readdir(join(dir, 'to'));
  expect(there.length).toBeGreaterThan(0);
  expect(there.length).toBeLessThan(names.length);
  expect(there.filter((name) => !names.includes(name))).toEqual([]);
});
