/**
 * @file Faults that only whoever repeats requests can hide: they are met by the whole engine, with its queue, its uploader and
 * its own repetitions, and what is observed is what it then says of its connection.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../clock.ts';
import type { Engine } from '../../engine-types.ts';
import { openEngine } from '../../open-engine.ts';
import type { BreakableBackend, StartBackend } from './backend-faults.ts';
import type { Fault, Observed } from './fault.ts';

export type MakePhoto = (seed: string) => Promise<Uint8Array>;

/** Between two photos, in milliseconds: one moment is no pattern. All of them together stay within what a clock may be off. */
const betweenPhotosMs = 20_000;

interface Desk {
  backend: BreakableBackend;
  /** Adds a photo, waits until it has arrived, and lets some time pass. */
  send(seed: string): Promise<void>;
}

/** Somebody signed in to a whole engine, whose photos are sent; then a check. */
async function atADesk(start: StartBackend, makePhoto: MakePhoto, act: (desk: Desk) => Promise<void>): Promise<Observed> {
  const folder = await mkdtemp(join(tmpdir(), 'relevo-laboratory-'));
  const backend = await start('sessions');
  let engine: Engine | undefined;
  let ahead = 0;
  const clock: Clock = { now: () => systemClock.now() + ahead, monotonic: () => systemClock.monotonic() + ahead, sleep: systemClock.sleep };
  try {
    engine = await openEngine({ dataDir: join(folder, 'data'), key: { bytes: new Uint8Array(32).fill(9), source: 'environment' }, kind: 'app', clock, diagnosis: { diskLowBytes: 1024 } });
    const { calls } = engine;
    const { gateway, email, password, patients } = backend.ready;
    await calls.changeSettings({ gateway });
    await calls.signIn({ email, password });
    await act({
      backend,
      async send(seed) {
        const file = join(folder, `${seed}.jpg`);
        await writeFile(file, await makePhoto(seed));
        await calls.addFiles({ batchId: randomUUID(), patientId: patients[0]!.id, paths: [file] });
        const { completed } = await calls.sync({ timeoutSeconds: 60 });
        if (completed !== 1) throw new Error(`the photo ${seed} did not arrive`);
        ahead += betweenPhotosMs;
      },
    });
    const askedAt = performance.now();
    const { diagnosis, probes } = await calls.checkConnection({});
    return {
      given: diagnosis.code, overlays: diagnosis.overlays, certainty: diagnosis.certainty, afterMs: performance.now() - askedAt,
      probes: [...diagnosis.evidence.map(({ says }) => says), ...probes.map((probe) => JSON.stringify(probe))],
    };
  } finally {
    await engine?.close();
    await backend.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export function engineFaults(start: StartBackend, makePhoto: MakePhoto): Fault[] {
  const photos = (count: number, meet: (backend: BreakableBackend, index: number) => Promise<unknown>) => () => atADesk(start, makePhoto, async ({ backend, send }) => {
    for (let index = 0; index < count; index += 1) {
      await meet(backend, index);
      await send(`photo-${index}`);
    }
    await backend.faults.clear();
  });
  const once = (effect: { kind: string; status?: number }, service: 'media' | 'gateway') => (backend: BreakableBackend) =>
    backend.faults.set({ where: { service, path: '/media/patients/**' }, times: 1, effect });
  const failsFirst = once({ kind: 'status', status: 500 }, 'media');
  return [
    { name: 'photos arrive at the first try (engine, sessions)', expected: 'HEALTHY', observe: photos(12, async () => undefined) },
    { name: 'first requests fail, second ones work (engine, sessions)', expected: 'UPLOAD_FIRST_TRY_FLAKY', observe: photos(12, async (backend, index) => (index % 2 === 0 ? failsFirst(backend) : undefined)) },
    { name: 'connections are dropped, second ones work (engine, sessions)', expected: 'RECONNECT_LOOP', observe: photos(12, async (backend, index) => (index % 2 === 0 ? once({ kind: 'reset-before-body' }, 'gateway')(backend) : undefined)) },
  ];
}
