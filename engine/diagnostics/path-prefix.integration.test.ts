import { randomUUID } from 'node:crypto';
import { request as ask } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../../test-support/photos.ts';
import type { Engine } from '../engine-types.ts';
import { openEngine } from '../open-engine.ts';
import { startHttp, type Running } from './laboratory/servers.ts';

const prefix = '/heartguard';
let dir: string;
let backend: Awaited<ReturnType<typeof temporarySandbox>>;
let front: Running;
let engine: Engine;
const chromiumAsked: string[] = [];
/** What was asked of the host's other tenants, with whether a token was shown to them. */
const outside: { path: string | undefined; token: boolean }[] = [];

/** A host that gives the gateway one path of its own, as a clinic's only public name does. */
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-prefix-'));
  backend = await temporarySandbox();
  const { hostname, port } = new URL(backend.sandbox.ready.gateway);
  front = await startHttp((request, response) => {
    if (!request.url?.startsWith(`${prefix}/`)) {
      outside.push({ path: request.url, token: request.headers.authorization !== undefined });
      response.writeHead(404, { 'content-type': 'text/html' }).end('<html>404 page not found</html>');
      return;
    }
    const far = ask({ hostname, port, path: request.url.slice(prefix.length), method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    far.on('error', () => response.destroy());
    request.pipe(far);
  });
  engine = await openEngine({
    dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(32).fill(6), source: 'environment' }, kind: 'app', version: '1.2.3',
    diagnosis: { chromium: { get: async (url) => { chromiumAsked.push(url); return { name: 'answer', status: 200 }; } } },
  });
}, 60_000);

afterAll(async () => {
  await engine?.close();
  await front?.close();
  await backend?.dispose();
  await rm(dir, { recursive: true, force: true });
}, 60_000);

test('a gateway under a path of its host is looked at where uploads go, and its neighbours see no token', async () => {
  const { email, password, patients } = backend.sandbox.ready;
  const gateway = `http://127.0.0.1:${front.port}${prefix}`;
  await engine.calls.changeSettings({ gateway });
  await engine.calls.signIn({ email, password });
  await writeFile(join(dir, 'photo.jpg'), await makePhoto({ seed: 'prefix' }));
  await engine.calls.addFiles({ batchId: randomUUID(), patientId: patients[0]!.id, paths: [join(dir, 'photo.jpg')] });
  expect((await engine.calls.sync({ timeoutSeconds: 30 })).completed).toBe(1);

  const { diagnosis, probes } = await engine.calls.checkConnection({});
  expect(diagnosis.code).toBe('HEALTHY');
  for (const kind of ['captive-portal', 'auth', 'readyz', 'canary', 'chromium']) expect(probes.find((probe) => probe.kind === kind)).toMatchObject({ status: 'ran', outcome: 'ok' });
  expect(chromiumAsked[0]).toBe(`${gateway}/health/`);
  expect(outside).toEqual([]);
}, 60_000);
