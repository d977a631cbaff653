/** @file Several people and an administrator at one computer, by the command line as a real process. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporarySandbox } from '../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../test-support/photos.ts';
import { createTestCommandLine, type TestCommandLine } from './testing-command-line.ts';

const patience = 120_000;
const lucia = 'lucia.ferrer@clinica.example';

let dir: string;
let backend: Awaited<ReturnType<typeof temporarySandbox>>;
let policy: string;
let cli: TestCommandLine;
let fresh = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-people-'));
  backend = await temporarySandbox();
}, patience);
afterAll(async () => {
  await backend?.dispose();
  await rm(dir, { recursive: true, force: true });
}, patience);

/** A computer of its own, on which an administrator has deployed this. */
async function computer(file: string): Promise<void> {
  fresh += 1;
  policy = join(dir, `policy-${fresh}.json`);
  await writeFile(policy, file);
  cli = createTestCommandLine(join(dir, `data-${fresh}`), { RELEVO_ADMIN_SETTINGS: policy });
}
const login = (email: string) => cli.run(['login', '--email', email, '--password-stdin'], { stdin: backend.sandbox.ready.password });

test('whoever takes another’s place is told that their photos stay sealed, and people says for whom how many wait', async () => {
  await computer(JSON.stringify({ defaults: { gateway: backend.sandbox.ready.gateway } }));
  expect((await cli.run(['people'])).stdout).toBe('Nobody has signed in on this computer.\n');
  await login(backend.sandbox.ready.email);
  const photo = join(dir, 'one.jpg');
  await writeFile(photo, await makePhoto({ seed: 'people', width: 160, height: 120 }));
  await cli.run(['add', '--patient', backend.sandbox.ready.patients[0]!.id, photo]);
  const switched = await login(lucia);
  expect(switched.stdout).toContain('Signed in: Lucía Ferrer');
  expect(switched.stdout).toContain('1 photo of Ana Ruiz stays sealed and will be sent when they sign in again.');
  const { documents } = await cli.json('people', ['people']);
  expect(documents[0]!.people.map(({ person, waiting }) => [person.name, waiting])).toEqual([['Lucía Ferrer', 0], ['Ana Ruiz', 1]]);
  expect((await cli.json('status', ['status', '--items'])).documents[0]).toMatchObject({ items: [], counts: { queued: 0 } });
}, patience);

test('what an administrator has fixed is shown as such, refused with the reason, and the rest can be set and taken back', async () => {
  await computer(JSON.stringify({ defaults: { concurrency: 2 }, fixed: { gateway: backend.sandbox.ready.gateway, shareQueue: true } }));
  const all = (await cli.json('settings', ['config', 'get'])).documents[0]!;
  expect(all).toMatchObject({ fixed: ['gateway', 'shareQueue'], settings: { concurrency: 2, shareQueue: true, gateway: backend.sandbox.ready.gateway } });
  expect((await cli.run(['config', 'get'])).stdout).toMatch(/gateway\s+http:\S+\s+fixed by the administrator\n/);
  const refused = await cli.run(['config', 'set', 'gateway', 'https://elsewhere.example']);
  expect(refused).toMatchObject({ exitCode: 1, stderr: 'That setting is fixed by the administrator. If it needs another value, ask your administrator.\n' });
  expect((await cli.json('error', ['config', 'unset', 'shareQueue'])).documents[0]).toMatchObject({ error: { code: 'set-by-administrator' } });
  expect((await cli.run(['config', 'set', 'concurrency', '5'])).stdout).toBe('concurrency: 5\n');
  expect((await cli.run(['config', 'unset', 'concurrency'])).stdout).toBe('concurrency: 2\n');
}, patience);

test('a file that cannot be used is told by status, and nothing of it is in force', async () => {
  await computer('{ "fixed": { "concurency": 1 } }');
  const status = await cli.run(['status']);
  expect(status).toMatchObject({ exitCode: 0 });
  expect(status.stdout).toContain('The administrator’s settings file cannot be used');
  expect((await cli.json('status', ['status'])).documents[0]).toMatchObject({ administratorFile: 'unreadable' });
  expect((await cli.json('settings', ['config', 'get'])).documents[0]).toMatchObject({ fixed: [], settings: { concurrency: 6 } });
}, patience);
