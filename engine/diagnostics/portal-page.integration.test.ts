import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProbeResult } from '../../shared/domain/diagnosis.ts';
import type { Engine } from '../engine-types.ts';
import { openEngine } from '../open-engine.ts';
import { closedPort, startHttp, type Running } from './laboratory/servers.ts';

let dir: string;
let engine: Engine;
let page: Running;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const asked: { path: string | undefined; challenge: string }[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-portal-'));
  page = await startHttp((request, response) => {
    asked.push({ path: request.url, challenge: String(request.headers['x-relevo-challenge']) });
    answer(request, response);
  });
  engine = await openEngine({ dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(32).fill(6), source: 'environment' }, kind: 'app', version: '1.2.3', sending: false });
  await engine.calls.changeSettings({ gateway: `http://127.0.0.1:${await closedPort()}`, controlPortalPage: `http://127.0.0.1:${page.port}/generate_204` });
}, 60_000);
afterAll(async () => {
  await engine?.close();
  await page?.close();
  await rm(dir, { recursive: true, force: true });
}, 60_000);

async function look(): Promise<{ code: string; portal: ProbeResult | undefined }> {
  asked.length = 0;
  const { diagnosis, probes } = await engine.calls.checkConnection({});
  return { code: diagnosis.code, portal: probes.find((probe) => probe.kind === 'captive-portal') };
}

test('the page that an administrator named is asked with a challenge, another one each time', async () => {
  answer = (request, response) => { response.writeHead(204, { 'x-relevo-response': `response ${String(request.headers['x-relevo-challenge'])}` }).end(); };
  expect(await look()).toMatchObject({ code: 'GATEWAY_DOWN', portal: { status: 'ran', outcome: 'ok', httpStatus: 204 } });
  const [first] = asked;
  expect(first).toMatchObject({ path: '/generate_204', challenge: expect.stringMatching(/^[0-9a-f]{24}$/) as string });
  await look();
  expect(asked[0]?.challenge).not.toBe(first?.challenge);
}, 60_000);

test('a redirect is refused, and a faked 204 found out', async () => {
  answer = (_request, response) => { response.writeHead(302, { location: '/sign-in' }).end(); };
  expect(await look()).toMatchObject({ code: 'CAPTIVE_PORTAL', portal: { outcome: 'failed', finding: 'redirected' } });
  expect(asked.map(({ path }) => path)).toEqual(['/generate_204']);
  answer = (_request, response) => { response.writeHead(204, { 'x-relevo-response': 'response guess' }).end(); };
  expect(await look()).toMatchObject({ code: 'CAPTIVE_PORTAL', portal: { outcome: 'failed', finding: 'wrong-challenge' } });
}, 60_000);

test('only a page in clear can be named: nobody can answer in place of an encrypted one', async () => {
  await expect(Promise.resolve(engine.calls.changeSettings({ controlPortalPage: 'https://page.example/204' }))).rejects.toThrow();
});
