import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfSigned, signedBy, type KeyPair } from '../diagnostics/laboratory/certificates.ts';
import { parsePem, readSystemCertificates } from '../network/system-certificates.ts';
import { createNodeHttp } from './node-http.ts';
import { createTrust } from './trust.ts';

let dir: string;
let authority: KeyPair;
let other: KeyPair;
let server: https.Server;
let url: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-trust-'));
  [authority, other] = await Promise.all([selfSigned({ name: 'authority.clinic.test', days: 2 }), selfSigned({ name: 'other.clinic.test', days: 2 })]);
  server = https.createServer(await signedBy(authority, { name: '127.0.0.1', days: 1 }), (_request, response) => { response.end(); });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}, 60_000);
afterAll(async () => {
  server?.close();
  await rm(dir, { recursive: true, force: true });
});

/** A process that asks the address once for each line it is given, as the engine does; the line says how much later it is by then. */
const script = `
  import { createInterface } from 'node:readline';
  import { createNodeHttp } from ${JSON.stringify(new URL('node-http.ts', import.meta.url).href)};
  import { createTrust } from ${JSON.stringify(new URL('trust.ts', import.meta.url).href)};
  import { readSystemCertificates } from ${JSON.stringify(new URL('../network/system-certificates.ts', import.meta.url).href)};
  import { runCommand } from ${JSON.stringify(new URL('../diagnostics/probes/run-command.ts', import.meta.url).href)};
  let now = 0;
  let looked = 0;
  const tools = { platform: process.platform, environment: process.env, runCommand };
  const trust = createTrust({ clock: { monotonic: () => now }, systemNow: () => { looked += 1; return readSystemCertificates(tools); } });
  const http = createNodeHttp({ trust });
  for await (const line of createInterface({ input: process.stdin })) {
    now += Number(line);
    const said = await http.send({ method: 'PUT', url: process.env.URL_TO_ASK, headers: {}, body: [new Uint8Array(10)], endpoint: 'gateway', deadlines: { connectMs: 20000, stallMs: 20000 } })
      .then(({ status }) => String(status), (error) => error.reason);
    console.log(said + ' ' + looked);
  }
  http.close();
`;

async function inAProcess(environment: Record<string, string>, talk: (ask: (laterMs: number) => Promise<string>) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { env: { PATH: process.env.PATH, URL_TO_ASK: url, ...environment }, stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  try {
    await talk(async (laterMs) => {
      child.stdin.write(`${laterMs}\n`);
      return String((await lines.next()).value);
    });
  } finally {
    child.stdin.end();
    await once(child, 'close');
  }
}

test.runIf(process.platform === 'linux')('an authority in the system’s store is trusted, one that is not there is not', async () => {
  const file = join(dir, 'store.pem');
  await writeFile(file, `${other.cert}\n${authority.cert}`);
  await inAProcess({ SSL_CERT_FILE: file, SSL_CERT_DIR: dir }, async (ask) => { expect(await ask(0)).toBe('200 0'); });
  await writeFile(file, other.cert);
  const empty = join(dir, 'nothing');
  await mkdir(empty);
  await inAProcess({ SSL_CERT_FILE: file, SSL_CERT_DIR: empty }, async (ask) => { expect(await ask(0)).toBe('certificate-untrusted 1'); });
});

test.runIf(process.platform === 'linux')('one that is installed while we run is found without a restart, by looking once a minute at most', async () => {
  const file = join(dir, 'later.pem');
  await writeFile(file, other.cert);
  const empty = join(dir, 'nothing-yet');
  await mkdir(empty);
  await inAProcess({ SSL_CERT_FILE: file, SSL_CERT_DIR: empty }, async (ask) => {
    expect(await ask(0)).toBe('certificate-untrusted 1');
    await appendFile(file, `\n${authority.cert}`);
    expect(await ask(30_000)).toBe('certificate-untrusted 1');
    expect(await ask(30_001)).toBe('200 2');
    expect(await ask(0)).toBe('200 2');
  });
});

test('stores are read in the forms that systems give them', async () => {
  expect(parsePem(`# a comment\r\n${authority.cert}\ntext\n${other.cert}`)).toHaveLength(2);
  expect(parsePem('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----')).toEqual([]);
  const printed = await readFile(new URL('../network/fixtures/windows-certificates.txt', import.meta.url), 'utf8');
  expect(await readSystemCertificates({ platform: 'win32', environment: {}, runCommand: async () => ({ name: 'done', code: 0, stdout: printed, stderr: '' }) })).toHaveLength(4);
});

test('a store that could not be read is not an empty one', async () => {
  const said = (stdout: string) => async () => ({ name: 'done' as const, code: 0, stdout, stderr: '' });
  expect(await readSystemCertificates({ platform: 'win32', environment: {}, runCommand: async () => ({ name: 'missing' }) })).toBeUndefined();
  expect(await readSystemCertificates({ platform: 'win32', environment: {}, runCommand: said('Get-ChildItem : Access denied') })).toBeUndefined();
  expect(await readSystemCertificates({ platform: 'linux', environment: { SSL_CERT_FILE: join(dir, 'not-there'), SSL_CERT_DIR: dir + '/not-there' }, runCommand: said('') })).toBeUndefined();
  expect(await readSystemCertificates({ platform: 'darwin', environment: {}, runCommand: said('') })).toBeUndefined();
});

test('an authority that the system trusts no longer goes at the next reading; one that could not be made takes nothing away', async () => {
  const second = https.createServer(await signedBy(other, { name: '127.0.0.1', days: 1 }), (_request, response) => { response.end(); });
  await once(second.listen(0, '127.0.0.1'), 'listening');
  let now = 0;
  const system: { says?: string[] } = {};
  const http = createNodeHttp({ trust: createTrust({ clock: { monotonic: () => now }, system: () => [authority.cert], systemNow: async () => system.says }) });
  const ask = (address: string): Promise<string> => http.send({ method: 'GET', url: address, headers: {}, endpoint: 'gateway', deadlines: { connectMs: 20_000, stallMs: 20_000 } })
    .then(({ status }) => String(status), (error: { reason: string }) => error.reason);
  const secondUrl = `https://127.0.0.1:${(second.address() as AddressInfo).port}/`;
  expect([await ask(url), await ask(secondUrl)]).toEqual(['200', 'certificate-untrusted']);
  now += 60_001;
  system.says = [other.cert];
  expect(await ask(secondUrl)).toBe('200');
  expect(await ask(url)).toBe('certificate-untrusted');
  http.close();
  second.close();
});
