/**
 * @file The window on a computer without a network: `node e2e/harness/without-network.ts FOLDER PICTURES`, inside a network namespace that has
 * only a loopback. Everything that the test needs must lie on that loopback, so the backend, the app and Playwright's side of it are here
 * together. Prints what the window said, as JSON.
 */
import { execFile } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { ConnectionPage } from '../pages/connection-page.ts';
import { Shell } from '../pages/shell.ts';
import { launchApp } from './app.ts';
import { speak } from './language.ts';

/** What it said in Spanish and in English. */
export interface Said { es: { sentence: string; chip: string; cut: boolean }; en: { sentence: string; chip: string; cut: boolean } }

/** @throws where the system gives no network namespace. */
export async function saidWithoutNetwork(folder: string, pictures: string): Promise<Said> {
  const script = 'ip link set lo up && exec "$@"';
  const { stdout } = await promisify(execFile)('unshare', ['--net', '--map-root-user', 'sh', '-c', script, 'sh', process.execPath, import.meta.filename, folder, pictures], { timeout: 80_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Said;
}

/** Of the networks that are for documentation (RFC 5737): it is here alone, and only while the cable is in. */
const farAway = '192.0.2.10';

/** The backend as on a network, at an address that goes when the cable is pulled; a loopback would go on answering. */
async function putOnANetwork(gateway: string): Promise<{ gateway: string; pullTheCable: () => Promise<void> }> {
  const { port } = new URL(gateway);
  const ip = (what: string): Promise<unknown> => promisify(execFile)('ip', ['address', what, `${farAway}/32`, 'dev', 'lo']);
  await ip('add');
  const sockets = new Set<Socket>();
  const relay = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => sockets.delete(from)).pipe(to);
    }
  });
  await new Promise<void>((resolve) => { relay.listen(Number(port), farAway, resolve); });
  return {
    gateway: `http://${farAway}:${port}`,
    pullTheCable: async () => {
      relay.close();
      for (const socket of sockets) socket.destroy();
      await ip('delete');
    },
  };
}

async function main(folder: string, pictures: string): Promise<void> {
  const backend = await startSandbox({ dataDir: join(folder, 'backend'), contract: 'sessions', spaces: { kind: 'embedded' } });
  const { email, password } = backend.ready;
  const { gateway, pullTheCable } = await putOnANetwork(backend.ready.gateway);
  const app = await launchApp({ dataDir: join(folder, 'data'), env: { RELEVO_GATEWAY: gateway, RELEVO_DEMO_EMAIL: email, RELEVO_DEMO_PASSWORD: password } });
  try {
    await new Shell(app.page).ready();
    await pullTheCable();
    const spanish = new ConnectionPage(app.page);
    await spanish.open();
    await spanish.check();
    const said: Partial<Said> = { es: await look(spanish, 'Este PC', 'Red') };
    await app.page.screenshot({ path: join(pictures, 'offline-es.png') });
    await speak(app.page, 'English');
    const english = new ConnectionPage(app.page, 'en');
    await english.open();
    said.en = await look(english, 'This PC', 'Network');
    await app.page.screenshot({ path: join(pictures, 'offline-en.png') });
    process.stdout.write(`\n${JSON.stringify(said)}\n`);
  } finally {
    await app.close();
    await backend.close();
  }
}

async function look(connection: ConnectionPage, from: string, to: string): Promise<Said['es']> {
  return { sentence: await connection.sentence.innerText(), chip: await connection.chip.innerText(), cut: (await connection.cut(from, to).count()) === 1 };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv[2]!, process.argv[3]!);
