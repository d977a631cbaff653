import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHttp, type Running } from '../../engine/diagnostics/laboratory/servers.ts';
import { silentLogger } from '../../engine/logging/logger.ts';
import { EngineHost } from './engine-host.ts';
import { launchNodeProcess } from './node-engine-process.ts';

let dir: string;
let backend: Running;
let gateway: string;
let host: EngineHost;
const asked: string[] = [];
let outcome: { name: 'answer'; status: number } | { name: 'failed'; error: string } = { name: 'answer', status: 200 };
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-relay-'));
  backend = await startHttp();
  gateway = `http://127.0.0.1:${backend.port}`;
  host = new EngineHost({
    log: silentLogger,
    launch: () => launchNodeProcess(fileURLToPath(new URL('../engine-process/engine-process.ts', import.meta.url)), process.execPath, { PATH: process.env.PATH, HOME: dir }),
    startMessage: async () => ({ type: 'start', dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(32).fill(4), source: 'environment' }, version: '1.2.3' }),
    chromium: async ({ url }) => { asked.push(url); return outcome; },
  });
  host.start();
}, 60_000);
afterAll(async () => {
  await host?.stop();
  await backend?.close();
  await rm(dir, { recursive: true, force: true });
}, 60_000);

test('the engine asks main for Chromium’s view, and judges by what both stacks say', async () => {
  await host.calls.changeSettings({ gateway: gateway });
  const { probes, diagnosis } = await host.calls.checkConnection({});
  expect(asked.length).toBeGreaterThan(0);
  expect(new URL(asked[0]!).origin).toBe(new URL(gateway).origin);
  expect(probes.find((probe) => probe.kind === 'chromium')).toMatchObject({ status: 'ran', outcome: 'ok', httpStatus: 200 });
  expect(diagnosis.code).toBe('HEALTHY');

  outcome = { name: 'failed', error: 'net::ERR_PROXY_CONNECTION_FAILED' };
  const refused = await host.calls.checkConnection({});
  expect(refused.probes.find((probe) => probe.kind === 'chromium')).toMatchObject({ status: 'ran', outcome: 'failed', errno: 'ERR_PROXY_CONNECTION_FAILED', finding: 'proxy-error' });

  const file = join(dir, 'bundle.zip');
  expect((await host.calls.writeBundle({ file })).sizeBytes).toBeGreaterThan(1_000);
}, 60_000);
