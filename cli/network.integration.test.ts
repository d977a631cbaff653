import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporarySandbox } from '../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../test-support/photos.ts';
import { startProxyServer, type ProxyServer } from '../test-support/proxy-server.ts';
import { createTestCommandLine, type TestCommandLine } from './testing-command-line.ts';

const patience = 180_000;
const proxyUser = { user: 'nurse', password: 'pr0xy: señal' };
let dir: string;
let sandbox: Awaited<ReturnType<typeof temporarySandbox>>;
let proxy: ProxyServer;
let cli: TestCommandLine;
let spanish: TestCommandLine;
let gateway: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-cli-network-'));
  sandbox = await temporarySandbox();
  const port = Number(new URL(sandbox.sandbox.ready.gateway).port);
  gateway = `http://gateway.clinic.test:${port}`;
  proxy = await startProxyServer({ conduct: { name: 'asks', signIns: [proxyUser] }, resolve: () => ({ host: '127.0.0.1', port }) });
  const environment = { http_proxy: proxy.address, HTTPS_PROXY: proxy.address };
  cli = createTestCommandLine(join(dir, 'data'), environment);
  spanish = createTestCommandLine(join(dir, 'data'), { ...environment, LANG: 'es_ES.UTF-8' });
}, patience);
afterAll(async () => {
  await proxy?.close();
  await sandbox?.dispose();
  await rm(dir, { recursive: true, force: true });
}, patience);

test('the way to the server, a sign-in for the proxy, and photos that go by it', async () => {
  const { ready } = sandbox.sandbox;
  expect((await cli.run(['network'])).stdout).toContain('no server is set');
  await cli.run(['config', 'set', 'gateway', gateway]);
  const login = ['login', '--email', ready.email, '--password-stdin'];
  expect((await cli.json('error', login, { stdin: ready.password })).exitCode).toBe(1);

  for (const wrong of [['--proxy-password-stdin'], ['--proxy-user', 'a', '--forget-proxy-sign-in'], ['--proxy-user', 'a']]) expect((await cli.run(['network', ...wrong])).exitCode).toBe(2);
  const kept = await cli.run(['network', '--proxy-user', proxyUser.user, '--proxy-password-stdin'], { stdin: `${proxyUser.password}\n` });
  expect(kept).toMatchObject({ exitCode: 0 });
  expect(kept.stdout).toContain(`through the proxy 127.0.0.1:${proxy.port}`);
  expect(kept.stdout).not.toContain('señal');
  expect((await cli.json('network', ['network'])).documents).toMatchObject([{ network: { proxy: { name: 'proxy', address: `127.0.0.1:${proxy.port}` }, proxySignIn: true, proxyAsks: false } }]);

  expect((await cli.json('account', login, { stdin: ready.password })).exitCode).toBe(0);
  const photo = join(dir, 'photo.jpg');
  await writeFile(photo, await makePhoto({ seed: 'cli network' }));
  await cli.json('added', ['add', '--patient', ready.patients[0]!.id, photo]);
  expect((await cli.json('sync', ['sync'])).documents).toMatchObject([{ completed: 1, waiting: 0 }]);
  expect(proxy.asked.filter(({ letThrough }) => letThrough).length).toBeGreaterThan(0);

  expect((await spanish.run(['network', '--forget-proxy-sign-in'])).stdout).toContain('ninguno guardado');
  expect((await cli.json('network', ['network'])).documents).toMatchObject([{ network: { proxySignIn: false } }]);
}, patience);

test('on a metered network photos wait, and the command says why and what to do', async () => {
  const { ready } = sandbox.sandbox;
  await cli.run(['config', 'set', 'gateway', ready.gateway]);
  await cli.run(['login', '--email', ready.email, '--password-stdin'], { stdin: ready.password });
  await cli.run(['config', 'set', 'onMetered', 'pause']);
  await cli.run(['config', 'set', 'meteredNetwork', 'yes']);
  const photo = join(dir, 'another.jpg');
  await writeFile(photo, await makePhoto({ seed: 'cli metered' }));
  await cli.json('added', ['add', '--patient', ready.patients[0]!.id, photo]);
  const held = await cli.run(['sync']);
  expect(held.exitCode).toBe(4);
  expect(held.stdout).toContain('This network is a metered one');
  expect((await spanish.run(['network'])).stdout).toContain('relevo config set onMetered send');
  await cli.run(['config', 'set', 'onMetered', 'send']);
  expect((await cli.json('sync', ['sync'])).documents).toMatchObject([{ completed: 1, waiting: 0 }]);
}, patience);
