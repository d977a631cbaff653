/**
 * @file `npm run demo`: the main job from end to end where there may be no display. A backend, the real app in real Electron, twelve photos
 * added through its window, the network cut in the middle and restored. What the closing table says is read back from the store.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { bundle } from '../build/bundle.ts';
import { checkout } from '../build/paths.mjs';
import { runMain } from '../build/processes.mjs';
import { withDisplay } from '../build/with-display.mjs';
import { connectLocalSocket } from '../engine/local-socket/connect-local-socket.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import type { EngineContract } from '../shared/engine-contract.ts';
import type { Connection } from '../shared/rpc/typed-rpc.ts';
import { launchApp } from './harness/app.ts';
import type { RelevoApp } from './harness/app.ts';
import { makePhotos } from './harness/card.ts';
import type { WrittenPhoto } from '../test-support/photos.ts';
import { AddPage } from './pages/add-page.ts';
import { QueuePage } from './pages/queue-page.ts';
import { Shell } from './pages/shell.ts';

const PHOTOS = 12;
const CUT_AFTER = 3;
const CUT_SECONDS = 4;
/** For each connection: a clinic's line, slow enough that the cut comes while photos are half sent. */
const LINE_BYTES_PER_SECOND = 1_500_000;
const LIMIT_SECONDS = 120;
const TELL_EVERY_MS = 2_000;

const began = performance.now();
const seconds = (): string => `${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s`;
const say = (line: string): void => { process.stdout.write(`${seconds()}  ${line}\n`); };
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** From the engine's own events: a line when something arrives or begins to wait, else every other second. */
function tellProgress(engine: Connection<EngineContract>): void {
  let told = { completed: 0, waiting: 0, at: 0 };
  engine.on('queue', ({ counts, transfer }) => {
    const now = performance.now();
    const { completed } = counts;
    const waiting = counts.waiting + counts.blocked;
    if (completed === told.completed && waiting === told.waiting && now - told.at < TELL_EVERY_MS) return;
    told = { completed, waiting, at: now };
    say([
      `${String(completed).padStart(2)} of ${PHOTOS} sent`,
      `${counts.uploading + counts.completing} on their way`,
      ...(waiting ? [`${waiting} waiting for the network`] : []),
      `${megabytes(transfer.remainingBytes)} left`,
      ...(transfer.bytesPerSecond >= 50_000 ? [`${megabytes(transfer.bytesPerSecond)}/s`] : []),
    ].join(', '));
  });
}

async function connectEngine(dataDir: string): Promise<Connection<EngineContract>> {
  const engine = await connectLocalSocket(dataDir);
  if (!engine) throw new Error('The app’s engine does not answer on its local socket');
  return engine;
}

/** Adds the photos through the window, cuts the network once some have arrived, and restores it. */
async function mainJob(app: RelevoApp, engine: Connection<EngineContract>, backend: Sandbox, photos: WrittenPhoto[]): Promise<void> {
  const { page } = app;
  const shell = new Shell(page);
  await shell.ready();
  const patient = backend.ready.patients[0]!;
  const add = new AddPage(page);
  await add.choosePatient(patient.name);
  const stored = storedPhotos(backend, CUT_AFTER);
  await add.chooseFiles(photos.map(({ path }) => path));
  await add.safe.waitFor();
  say(`The window says that the card may be removed: ${PHOTOS} photos of ${patient.name} are sealed on this computer`);
  await shell.open('Cola');
  await stored;
  await backend.faults.network({ down: true });
  say(`— the network is cut, with ${backend.store.photos().length} photos arrived —`);
  await wait(CUT_SECONDS * 1000);
  await backend.faults.network({ down: false });
  say('— the network is back —');
  const allSent = new QueuePage(page).allSent.waitFor({ timeout: LIMIT_SECONDS * 1000 });
  await Promise.race([allSent, somethingNeedsAttention(engine)]);
  say('The window says that everything is sent');
}

/** Rejects when a photo needs a person, which here none should. */
function somethingNeedsAttention(engine: Connection<EngineContract>): Promise<never> {
  return new Promise((_resolve, reject) => {
    engine.on('queue', ({ counts }) => { if (counts.needsAttention > 0) reject(new Error('A photo needs a person’s attention')); });
  });
}

/** What became of each photo that is not sent, for whoever has to find out why. */
async function tellUnsent(engine: Connection<EngineContract>): Promise<void> {
  const { items } = await engine.call.getQueuePage({ limit: 100 });
  for (const { id, fileName, state } of items.filter((item) => item.state.name !== 'completed')) {
    const { story } = await engine.call.getUpload({ id });
    say(`${fileName} is not sent: ${JSON.stringify(state)}`);
    for (const event of story) say(`    ${new Date(event.at).toISOString()} ${JSON.stringify({ ...event, at: undefined })}`);
  }
}

async function storedPhotos(backend: Sandbox, count: number): Promise<void> {
  for (let stored = 0; stored < count; stored++) {
    await backend.faults.nextRequest(({ service, path, status }) => service === 'gateway' && path.endsWith('/complete') && status === 200);
  }
}

interface Line { photo: string; bytes: string; tries: string; cut: string; place: string; sha256: string; ok: boolean }

/** What the engine says of each photo beside what the store gives back. */
async function compare(engine: Connection<EngineContract>, photos: WrittenPhoto[], backend: Sandbox): Promise<Line[]> {
  const { items } = await engine.call.getQueuePage({ limit: 100 });
  const stories = new Map(await Promise.all(items.map(async ({ id }) => [id, (await engine.call.getUpload({ id })).story] as const)));
  const objects = new Map((await backend.store.objects()).map((object) => [object.key, object]));
  return photos.map((photo) => {
    const item = items.find(({ fileName }) => fileName === photo.fileName);
    const key = item?.state.name === 'completed' ? item.state.photo.objectKey : undefined;
    const object = key === undefined ? undefined : objects.get(key);
    const ok = object?.sha256 === photo.sha256 && object.size === photo.sizeBytes;
    return {
      photo: photo.fileName,
      bytes: photo.sizeBytes.toLocaleString('en'),
      tries: String(item?.tries ?? '–'),
      cut: String(stories.get(item?.id ?? '')?.filter(({ kind }) => kind === 'blocked' || kind === 'failed').length ?? '–'),
      place: key ?? `not sent: ${item?.state.name ?? 'not in the queue'}`,
      sha256: object ? `${photo.sha256.slice(0, 12)}… ${ok ? 'same' : 'DIFFERENT'}` : 'not in the store',
      ok,
    };
  });
}

function printTable(lines: Line[], bucket: string): void {
  const rows = [['Photo', 'Bytes', 'Tries', 'Cut off', `Where it lies in Spaces (${bucket})`, 'SHA-256 of the stored object'], ...lines.map(({ photo, bytes, tries, cut, place, sha256 }) => [photo, bytes, tries, cut, place, sha256])];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const rightAligned = [1, 2, 3];
  process.stdout.write('\n');
  for (const [index, row] of rows.entries()) {
    process.stdout.write(`${row.map((cell, column) => (rightAligned.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('  ').trimEnd()}\n`);
    if (index === 0) process.stdout.write(`${widths.map((width) => '─'.repeat(width)).join('  ')}\n`);
  }
  process.stdout.write('\n');
}

async function demo(folder: string): Promise<boolean> {
  const [photos] = await Promise.all([makePhotos(join(folder, 'card'), PHOTOS, [0.6, 9]), bundle()]);
  say(`${PHOTOS} photos with EXIF made, ${megabytes(photos.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))}`);
  const backend = await startSandbox({ dataDir: join(folder, 'backend'), contract: 'sessions', spaces: { kind: 'embedded' } });
  const { gateway, email, password, spaces } = backend.ready;
  await backend.faults.set({ where: { service: 'spaces', method: 'PUT' }, effect: { kind: 'slow-drip', direction: 'body', bytesPerSecond: LINE_BYTES_PER_SECOND } });
  say(`Backend at ${gateway}, Spaces at ${spaces.endpoint}`);
  try {
    const app = await launchApp({ dataDir: join(folder, 'data'), env: { RELEVO_GATEWAY: gateway, RELEVO_DEMO_EMAIL: email, RELEVO_DEMO_PASSWORD: password } });
    try {
      say(`The app’s window was there ${app.shownAfterMs} ms after its start`);
      const engine = await connectEngine(app.dataDir);
      tellProgress(engine);
      await mainJob(app, engine, backend, photos).catch(async (error: unknown) => {
        say(error instanceof Error ? error.message : String(error));
        await tellUnsent(engine);
      });
      const lines = await compare(engine, photos, backend);
      printTable(lines, spaces.bucket);
      const picture = join(checkout, 'test-results', 'demo.png');
      await mkdir(join(picture, '..'), { recursive: true });
      await app.page.screenshot({ path: picture, animations: 'disabled' });
      say(`The window: ${relative(process.cwd(), picture)}`);
      engine.close();
      return report(lines, backend);
    } finally {
      await app.close();
    }
  } finally {
    await backend.close();
  }
}

async function report(lines: Line[], backend: Sandbox): Promise<boolean> {
  const same = lines.filter(({ ok }) => ok).length;
  const inStore = (await backend.store.objects({ hash: false })).length;
  const unfinished = (await backend.store.unfinishedUploads()).length;
  const right = same === PHOTOS && inStore === PHOTOS && unfinished === 0;
  say(`${same} of ${PHOTOS} photos lie in Spaces byte for byte; ${inStore} objects there, ${unfinished} unfinished uploads: ${right ? 'nothing lost, nothing twice' : 'THIS IS NOT RIGHT'}`);
  return right;
}

await runMain(() => withDisplay(async (env) => {
  if (env.DISPLAY) process.env.DISPLAY = env.DISPLAY;
  const folder = await mkdtemp(join(tmpdir(), 'relevo-demo-'));
  try {
    return (await demo(folder)) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}));
