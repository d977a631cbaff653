import { createServer, type RequestListener, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { audit } from './audit.ts';

let cache: string;
let registry: Server;
beforeEach(async () => { cache = await mkdtemp(join(tmpdir(), 'relevo-npm-')); });
afterEach(async () => {
  registry.closeAllConnections();
  registry.close();
  await rm(cache, { recursive: true, force: true });
});

/** npm’s own client on a registry of ours. */
async function auditOn(answer: RequestListener): ReturnType<typeof audit> {
  registry = createServer(answer);
  await new Promise<void>((resolve) => { registry.listen(0, '127.0.0.1', resolve); });
  return audit('2026-11-22', { ...process.env, npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`, npm_config_cache: cache });
}

/** What a registry says of a package: its newest version. npm also asks which other versions a weakness leaves. */
const about = (url = '', latest = '45.9.9') => {
  const name = decodeURIComponent(url.slice(1));
  return { name, 'dist-tags': { latest }, versions: { [latest]: { name, version: latest } } };
};
const json = (response: Parameters<RequestListener>[1], body: unknown): void => { response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)); };

test('a weakness that the registry knows of is found, shipped or not; a clean answer is clean', async () => {
  const advisory = (id: number, name: string) => ({ [name]: [{ id, url: `https://github.com/advisories/GHSA-aaaa-bbbb-000${id}`, title: `Weak ${name}`, severity: 'high', vulnerable_versions: '*', cwe: [], cvss: { score: 0, vectorString: null } }] });
  const outcome = await auditOn((request, response) => {
    if (request.method === 'GET') return json(response, about(request.url));
    request.resume();
    return json(response, { ...advisory(1, 'birpc'), ...advisory(2, 'fastify') });
  });
  expect(outcome).toEqual({
    notRun: [],
    problems: ['GHSA-aaaa-bbbb-0001 (birpc, high, shipped): Weak birpc', 'GHSA-aaaa-bbbb-0002 (fastify, high, only used to build and test): Weak fastify'],
  });
});

test('a registry without that service is said to have none, and nothing counts as passed', async () => {
  const outcome = await auditOn((request, response) => {
    if (request.method === 'GET') json(response, about(request.url));
    else response.writeHead(405, { 'content-type': 'application/json' }).end('{"message":"Method Not Allowed"}');
  });
  expect(outcome).toEqual({ problems: [], notRun: ['Known weaknesses: the registry’s advisory service could not be asked (405)'] });
});

test('an Electron that is mended no more is told', async () => {
  const outcome = await auditOn((request, response) => {
    if (request.method === 'GET') json(response, about(request.url, '99.0.0'));
    else json(response, {});
  });
  expect(outcome.problems).toEqual([expect.stringMatching(/^Electron 45\.\d+\.\d+ is mended no more; the newest is 99\.0\.0$/)]);
});
