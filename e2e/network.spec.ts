import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connectLocalSocket } from '../engine/local-socket/connect-local-socket.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { startProxyServer } from '../test-support/proxy-server.ts';
import { makePhotos } from './harness/card.ts';
import { expect, test } from './harness/test.ts';
import { SettingsPage } from './pages/settings-page.ts';
import { Shell } from './pages/shell.ts';

const nurse = { user: 'ana', password: 'proxy-secreto' };

test('photos go the way that the system’s script names, through a proxy that asks who we are', async ({ folder, launch, picture }) => {
  // On this contract the photos themselves go to the gateway, whose name nobody but the proxy can look up.
  const backend = await startSandbox({ dataDir: join(folder, 'heartguard'), contract: 'heartguard', spaces: { kind: 'embedded' } });
  const gatewayPort = Number(new URL(backend.ready.gateway).port);
  const proxy = await startProxyServer({ resolve: (host, port) => (host === 'gateway.clinic.test' ? { host: '127.0.0.1', port: gatewayPort } : { host, port }) });
  const gone = await startProxyServer();
  await gone.close();
  let scriptsRead = 0;
  const scripts = createServer((_request, response) => {
    scriptsRead += 1;
    response.writeHead(200, { 'content-type': 'application/x-ns-proxy-autoconfig' }).end(
      `function FindProxyForURL(url, host) { return host === 'gateway.clinic.test' ? 'PROXY 127.0.0.1:${gone.port}; PROXY 127.0.0.1:${proxy.port}' : 'DIRECT'; }`);
  });
  await once(scripts.listen(0, '127.0.0.1'), 'listening');
  try {
    const app = await launch({
      args: [`--proxy-pac-url=http://127.0.0.1:${(scripts.address() as AddressInfo).port}/proxy.pac`],
      env: { RELEVO_GATEWAY: `http://gateway.clinic.test:${gatewayPort}`, RELEVO_DEMO_EMAIL: backend.ready.email, RELEVO_DEMO_PASSWORD: backend.ready.password },
    });
    await new Shell(app.page).ready();
    expect(scriptsRead).toBeGreaterThan(0);
    const engine = (await connectLocalSocket(app.dataDir))!;
    expect((await engine.call.getNetwork()).proxy).toEqual({ name: 'proxy', address: `127.0.0.1:${proxy.port}` });

    const photos = await makePhotos(`${folder}/card`, 2, [0.5, 1]);
    const [first, second] = photos.map(({ path }, index) => ({ batchId: `b${index}`, patientId: backend.ready.patients[index]!.id, paths: [path] }));
    await engine.call.addFiles(first!);
    await expect.poll(async () => (await engine.call.getStatus()).counts.completed).toBe(1);
    expect(proxy.asked.filter(({ line }) => line.startsWith('PUT http://gateway.clinic.test'))).toHaveLength(1);
    expect(proxy.bytesUp).toBeGreaterThan(photos[0]!.sizeBytes);

    proxy.conduct = { name: 'asks', signIns: [nurse] };
    proxy.cut();
    await engine.call.addFiles(second!);
    await expect.poll(async () => (await engine.call.getNetwork()).proxyAsks).toBe(true);
    const settings = new SettingsPage(app.page);
    await settings.open('Red');
    await picture(app, 'proxy-asks');
    // Where the proxy asks, the fields are open already.
    await settings.field('Usuario').fill(nurse.user);
    await settings.field('Contraseña').fill(nurse.password);
    await settings.button('Guardar').click();
    await expect.poll(async () => (await engine.call.getStatus()).counts.completed, { timeout: 30_000 }).toBe(2);
    expect(await engine.call.getNetwork()).toMatchObject({ proxySignIn: true, proxyAsks: false });
    engine.close();
    expect((await backend.store.objects()).map(({ sha256 }) => sha256).sort()).toEqual(photos.map(({ sha256 }) => sha256).sort());
    expect(app.lines.join('\n')).not.toContain(nurse.password);
  } finally {
    await proxy.close();
    await backend.close();
    scripts.closeAllConnections();
    scripts.close();
  }
});
