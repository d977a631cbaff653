import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '../engine/clock.ts';
import type { FaultInput } from '../sandbox/faults/fault.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { md5, sha256, TestClient } from '../sandbox/testing/client.ts';
import { temporarySandbox } from '../sandbox/testing/temporary-sandbox.ts';
import { checks } from './checks/all.ts';
import { contractCommand } from './command.ts';

const recordedSandbox = fileURLToPath(new URL('recorded-sandbox.json', import.meta.url));
const writing = checks.filter(({ kind }) => kind === 'writes').map(({ id }) => id);

let sandbox: Sandbox;
let nurse: TestClient;
let dispose: () => Promise<void>;
let folder: string;

beforeAll(async () => {
  ({ sandbox, dispose } = await temporarySandbox({ contract: 'heartguard' }));
  nurse = await TestClient.signIn(sandbox);
});
afterAll(() => dispose());
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'relevo-contract-')); });
afterEach(async () => {
  await sandbox.faults.reset();
  await rm(folder, { recursive: true, force: true });
});

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  record: string;
  /** By outcome, with `--json`. */
  ids(outcome: 'kept' | 'broken' | 'not-run'): string[];
  json: { checks: { id: string; outcome: string; wanted?: string; seen?: string; reason?: string }[]; photo: { name: string; keptAt?: string }; differences?: { check: string; where: string }[] };
}

/** Waits are over at once. */
function hurriedClock(): Clock {
  let ahead = 0;
  return {
    now: () => systemClock.now() + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
    sleep: (ms) => { ahead += ms; return Promise.resolve(); },
  };
}

async function contract(args: string[], options: { on?: Sandbox; gateway?: string; password?: string; signal?: AbortSignal } = {}): Promise<Ran> {
  const { on = sandbox, signal = new AbortController().signal } = options;
  const { gateway = on.ready.gateway, password = on.ready.password } = options;
  const written = { stdout: '', stderr: '' };
  const into = (name: keyof typeof written): Writable => new Writable({ write: (chunk: Buffer, _encoding, done) => { written[name] += chunk.toString(); done(); } });
  const file = join(folder, 'record.json');
  const code = await contractCommand(
    ['--gateway', gateway, '--email', on.ready.email, '--record', file, '--copies', join(folder, 'copies'), ...args],
    { stdin: Readable.from([]), stdout: into('stdout'), stderr: into('stderr'), environment: { RELEVO_CONTRACT_PASSWORD: password }, signal, clock: hurriedClock() },
  );
  const json = (args.includes('--json') ? JSON.parse(written.stdout) : { checks: [] }) as Ran['json'];
  return { code, ...written, record: await readFile(file, 'utf8'), json, ids: (outcome) => json.checks.filter((check) => check.outcome === outcome).map(({ id }) => id) };
}

const objectsOf = (patient: string) => sandbox.store.objects({ prefix: `patients/${patient}/` });
const writes = () => sandbox.faults.requests().filter(({ method, path }) => method !== 'GET' && method !== 'HEAD' && !path.startsWith('/auth/'));

describe('a backend that keeps contract A', () => {
  it('keeps every check, and the patient has their photo again', async () => {
    const original = randomBytes(40_000);
    await nurse.sendPhoto(nurse.patient(0), original, { type: 'image/png' });
    const ran = await contract(['--patient', nurse.patient(0)]);
    expect(ran.stdout).toContain(`${checks.length} kept, 0 broken, 0 not run`);
    expect(ran.code).toBe(0);
    expect(await objectsOf(nurse.patient(0))).toEqual([{ key: expect.stringMatching(/\.png$/), size: original.length, etag: md5(original), sha256: sha256(original) }]);
    expect(sandbox.store.profilePhotos().filter(({ patientId, present }) => patientId === nurse.patient(0) && present)).toMatchObject([{ etag: md5(original) }]);
    expect(await readdir(join(folder, 'copies'))).toEqual([]);
  });

  it('is the sandbox, as it was recorded: a change of what it answers is to be seen here', async () => {
    const ran = await contract(['--patient', nurse.patient(1), '--compare', recordedSandbox]);
    expect(JSON.parse(ran.record)).toEqual(JSON.parse(await readFile(recordedSandbox, 'utf8')));
    expect(ran.stdout).toContain('Nothing differs from the earlier record.');
    expect(await objectsOf(nurse.patient(1))).toEqual([]);
    expect(sandbox.store.profilePhotos().filter(({ patientId, present }) => patientId === nurse.patient(1) && present)).toEqual([]);
  });

  it('is only read where no patient was named', async () => {
    sandbox.faults.clearRequests();
    const ran = await contract(['--json']);
    expect(ran.code).toBe(0);
    expect(writes()).toEqual([]);
    expect(ran.ids('not-run')).toEqual(writing);
    expect(new Set(ran.json.checks.flatMap(({ reason }) => reason ?? []))).toEqual(new Set(['needs-patient']));
    expect(ran.json.photo).toEqual({ name: 'untouched' });
  });

  it('is told in Spanish to whoever asks in Spanish', async () => {
    const { stdout } = await contract(['--language', 'es']);
    expect(stdout).toContain(`${checks.length - writing.length} cumplidos, 0 incumplidos, ${writing.length} sin hacer`);
    expect(stdout).toContain('No se tocó la foto de nadie.');
  });
});

describe('a backend that breaks it', () => {
  const at = (service: FaultInput['where']['service'], method: string, path: string, effect: FaultInput['effect'], rest: Partial<FaultInput> = {}): FaultInput => ({ where: { service, method, path }, effect, ...rest });

  it.each<[string, FaultInput, string[]]>([
    ['JSON that breaks off', at('auth', 'GET', '/auth/me', { kind: 'malformed-json' }), ['me']],
    ['a web page', at('media', 'GET', '/media/health', { kind: 'html' }), ['media-health', 'trace-id']],
    ['a wrong status', at('auth', 'POST', '/auth/refresh', { kind: 'status', status: 500 }), ['refresh', 'refresh-refused']],
    ['the other envelope', at('gateway', 'GET', '/health/', { kind: 'status', status: 200, body: { status: 'success', message: '', data: {}, error: null, trace_id: 't' } }), ['health']],
    ['a connection that breaks', at('user', 'GET', '/user/caregiver/patients', { kind: 'reset-after-body' }), ['caregiver-patients', 'product-patients']],
    ['a list that is none', at('user', 'GET', '/user/orgs/*/care-team-patients', { kind: 'status', status: 200, body: { status: 'success', message: '', data: { organization: {}, care_teams: {} }, error: null, trace_id: 't' } }), ['service-refusal', 'care-team-patients', 'product-patients']],
    ['a page where there should be a 404', at('gateway', 'GET', '/media/capabilities', { kind: 'html', status: 404 }), ['no-sessions']],
  ])('is found by the checks that hold it, and the others go on: %s', async (_name, fault, broken) => {
    await sandbox.faults.set(fault);
    const ran = await contract(['--json']);
    expect(ran.code).toBe(1);
    expect(ran.ids('broken')).toEqual(broken);
    expect(ran.ids('kept').length).toBeGreaterThanOrEqual(checks.length - writing.length - broken.length - 1);
    for (const check of ran.json.checks.filter(({ outcome }) => outcome === 'broken')) expect([check.wanted, check.seen]).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);
  });

  it('lets nobody in: what needs no token is asked all the same', async () => {
    const ran = await contract(['--json', '--patient', nurse.patient(2)], { password: 'another' });
    expect(ran.ids('broken')).toEqual(['login']);
    expect(ran.json.checks.find(({ id }) => id === 'login')).toMatchObject({ wanted: '200', seen: '401 unauthorized' });
    expect(ran.ids('kept')).toEqual(['health', 'health-redirect', 'media-health', 'gateway-refusal', 'login-refused', 'refresh-refused', 'verify-refused', 'trace-id']);
    expect(ran.json.checks.find(({ id }) => id === 'me')).toMatchObject({ reason: 'no-sign-in' });
  });

  it('does not answer at all: nobody waits for each check', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => { closed.listen(0, '127.0.0.1', resolve); });
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => { closed.close(resolve); });
    const ran = await contract(['--json'], { gateway: `http://127.0.0.1:${port}` });
    expect(ran.code).toBe(1);
    expect(ran.ids('broken')).toEqual(['health']);
    expect(new Set(ran.json.checks.slice(1).map(({ reason }) => reason))).toEqual(new Set(['unreachable']));
  });

  it('speaks contract B: that is a difference, and one broken check', async () => {
    const other = await temporarySandbox({ contract: 'sessions' });
    try {
      const ran = await contract(['--json', '--compare', recordedSandbox], { on: other.sandbox });
      expect(ran.ids('broken')).toEqual(['no-sessions']);
      expect(ran.json.differences).toContainEqual({ check: 'no-sessions', where: 'GET /media/capabilities (status)', earlier: '404', later: '200' });
      expect(new Set(ran.json.differences?.map(({ check }) => check))).toEqual(new Set(['no-sessions']));
    } finally {
      await other.dispose();
    }
  });
});

describe('the photo that a patient has', () => {
  const original = randomBytes(30_000);
  const photo = '/media/patients/*/photo';
  /** It has a photo, unless a test before has taken it. */
  const patient = async (index: number): Promise<string> => {
    await nurse.sendPhoto(nurse.patient(index), original);
    sandbox.faults.clearRequests();
    return nurse.patient(index);
  };
  const has = async (id: string): Promise<boolean> => (await objectsOf(id)).map(({ etag }) => etag).join() === md5(original);

  it('is there again after an answer that was lost: the outcome is waited for first', async () => {
    const id = await patient(3);
    await sandbox.faults.set({ where: { service: 'media', method: 'PUT', path: photo }, effect: { kind: 'status', status: 504 }, times: 1 });
    const ran = await contract(['--json', '--patient', id]);
    expect(ran.ids('broken')).toEqual(['photo-put']);
    expect(ran.stderr).toContain('It is not known what became of a request.');
    const asked = sandbox.faults.requests().filter(({ service }) => service === 'gateway').map(({ method, status }) => `${method} ${status}`);
    const afterwards = asked.slice(asked.indexOf('PUT 504') + 1);
    // 160 s, in which the record is looked at every five, before anything else is sent.
    expect(afterwards.findIndex((line) => !line.startsWith('GET'))).toBeGreaterThan(30);
    expect(ran.json.photo).toEqual({ name: 'restored' });
    expect(await has(id)).toBe(true);
  });

  it('is there again where deleting does not work', async () => {
    const id = await patient(4);
    await sandbox.faults.set({ where: { service: 'media', method: 'DELETE' }, effect: { kind: 'status', status: 500 } });
    const ran = await contract(['--json', '--patient', id]);
    expect(ran.ids('broken')).toEqual(['photo-delete']);
    expect(ran.json.photo).toEqual({ name: 'restored' });
    expect(await has(id)).toBe(true);
  });

  it('is kept on this computer, and that is said, where it cannot be put back', async () => {
    const id = await patient(5);
    await sandbox.faults.set({ where: { service: 'media', method: 'PUT', path: photo }, effect: { kind: 'status', status: 502 } });
    const ran = await contract(['--patient', id]);
    expect(ran.code).toBe(1);
    const [name = ''] = await readdir(join(folder, 'copies'));
    const copy = join(folder, 'copies', name);
    expect(ran.stdout).toContain(`COULD NOT BE PUT BACK. It lies in ${copy}`);
    expect(await readFile(copy)).toEqual(original);
    if (process.platform !== 'win32') expect((await stat(copy)).mode & 0o077).toBe(0);
  });

  it('is not touched where it cannot be fetched, or where the record does not say', async () => {
    const id = await patient(6);
    await sandbox.faults.set({ where: { service: 'spaces', method: 'GET' }, effect: { kind: 'status', status: 403 } });
    const unfetched = await contract(['--json', '--patient', id]);
    expect(new Set(unfetched.json.checks.flatMap(({ reason }) => reason ?? []))).toEqual(new Set(['original-not-secured']));
    await sandbox.faults.reset();
    await sandbox.faults.set({ where: { service: 'user', method: 'GET', path: '/user/orgs/*/patients/*' }, effect: { kind: 'status', status: 200, body: { status: 'success', message: '', data: { patient: { id, name: 'x' } }, error: null, trace_id: 't' } } });
    const unsaid = await contract(['--json', '--patient', id]);
    expect(unsaid.ids('broken')).toEqual(['patient-record']);
    expect(new Set(unsaid.json.checks.flatMap(({ reason }) => reason ?? []))).toEqual(new Set(['unknown-patient']));
    expect([unfetched.code, unsaid.code]).toEqual([1, 1]);
    expect(writes()).toEqual([]);
    expect(await has(id)).toBe(true);
  });

  it('is put back when a person interrupts', async () => {
    const id = await patient(7);
    const interruption = new AbortController();
    const sent = sandbox.faults.nextRequest(({ service, method, path }) => service === 'media' && method === 'POST' && path.endsWith('/photo')).then(() => interruption.abort());
    const ran = await contract(['--json', '--patient', id], { signal: interruption.signal });
    await sent;
    expect(ran.code).toBe(130);
    expect(ran.ids('not-run').length).toBeGreaterThan(5);
    expect(ran.json.checks.at(-1)).toMatchObject({ reason: 'interrupted' });
    expect(ran.stderr).toContain('the patient’s photo is put back');
    expect(await has(id)).toBe(true);
  });
});

describe('what is written down', () => {
  it('holds nothing of anybody, also where the backend says it in the wrong places', async () => {
    const names = [...sandbox.ready.patients, ...sandbox.accounts].flatMap(({ name }) => name.split(' '));
    const hostile = { error: { code: 'ana_ruiz' }, [`de ${names[0]}`]: names[1], delgado: 1, status: 'fail', message: `${names[0]} ${sandbox.ready.password}`, data: null, trace_id: names[0], service: 'María' };
    await sandbox.faults.set(
      { where: { service: 'auth', path: '/auth/me' }, effect: { kind: 'status', status: 403, body: hostile } },
      { where: { service: 'media', method: 'POST' }, effect: { kind: 'status', status: 400, body: hostile }, times: 2 },
      { where: { service: 'user', path: '/user/caregiver/patients' }, effect: { kind: 'status', status: 200, body: { ...hostile, status: 'success', data: { patients: [{ id: names[0], name: 1 }] } } } },
    );
    const table = await contract(['--patient', nurse.patient(8)]);
    const json = await contract(['--json', '--patient', nurse.patient(8)]);
    expect(json.ids('broken')).toContain('me');
    const everything = [table.stdout, table.stderr, table.record, json.stdout, json.record].join('\n').toLowerCase();
    const secrets = [sandbox.ready.password, sandbox.ready.email, sandbox.ready.gateway, sandbox.ready.spaces.endpoint, nurse.patient(8), 'ana_ruiz', 'eyj', 'patients/', ...names.filter((name) => name.length > 3)];
    expect(secrets.filter((secret) => everything.replaceAll('/media/patients/{id}/photo', '').replaceAll('/patients/{id}', '').replaceAll('/caregiver/patients', '').includes(secret.toLowerCase()))).toEqual([]);
  });
});

it('runs as a process: the password comes by the pipe, and Ctrl-C puts the photo back', async () => {
  const original = randomBytes(20_000);
  await nurse.sendPhoto(nurse.patient(9), original);
  const run = (...args: string[]) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url)), '--gateway', sandbox.ready.gateway, '--email', sandbox.ready.email, '--password-stdin', '--record', join(folder, 'record.json'), '--copies', join(folder, 'copies'), ...args]);
    let stdout = '';
    child.stdout.on('data', (data: Buffer) => { stdout += data.toString(); });
    child.stdin.end(`${sandbox.ready.password}\n`);
    const ended = new Promise<{ code: number | null; stdout: string }>((resolve) => { child.once('close', (code) => resolve({ code, stdout })); });
    return { child, ended };
  };
  const { code, stdout } = await run('--json').ended;
  expect([code, (JSON.parse(stdout) as { passed: boolean }).passed]).toEqual([0, true]);

  const interrupted = run('--patient', nurse.patient(9));
  await sandbox.faults.nextRequest(({ service, method, path }) => service === 'gateway' && method === 'POST' && path.endsWith('/photo'));
  // npm and the set-up that started it pass it on as well, as another signal.
  interrupted.child.kill('SIGINT');
  interrupted.child.kill('SIGTERM');
  expect((await interrupted.ended).code).toBe(130);
  expect((await objectsOf(nurse.patient(9))).map(({ etag }) => etag)).toEqual([md5(original)]);
});
