import { expect, it } from 'vitest';
import type { Patient } from '../../../shared/domain/account.ts';
import type { IngestOutcome } from '../../../shared/domain/ingest.ts';
import { CallError } from '../../../shared/rpc/call-error.ts';
import type { RelevoClient } from '../../client/relevo-client.ts';
import { noSaving } from '../../client/saving.ts';
import { createStore } from '../../client/store.ts';
import { BatchKeeper } from './batch-keeper.ts';
import type { Intake } from './intake.ts';

const ana = { id: 'n-1', name: 'Ana Ruiz', email: 'ana@clinica.example' };
const lucia = { id: 'n-2', name: 'Lucía Ferrer', email: 'lucia@clinica.example' };
const patient: Patient = { id: 'p-1', name: 'José Álvarez', clientId: 'c-1' } as Patient;

/** An engine as a window has it: locked it admits nothing but pictures of batches that were begun before. */
function windowOfAna(conduct: { answer?: (fileName: string) => IngestOutcome } = {}) {
  const engine = { locked: false, signedIn: ana.id, begun: new Map<string, string>(), taken: [] as { fileName: string; for: string }[], restart() { engine.begun.clear(); } };
  const account = createStore<unknown>({ name: 'signedIn', gateway: 'https://a.example', person: ana });
  const client = {
    account, saving: createStore(noSaving), lost: createStore<ReadonlyMap<string, number>>(new Map()), thumbnails: { put: () => undefined }, on: () => () => undefined,
    call: {
      beginBytes: async ({ batchIds }: { batchIds: string[] }) => {
        if (engine.locked) throw new CallError('locked');
        for (const id of batchIds) engine.begun.set(id, engine.signedIn);
      },
      addBytes: async ({ batchId, begun, fileName }: { batchId: string; begun?: boolean; fileName: string }): Promise<IngestOutcome> => {
        const owner = begun ? engine.begun.get(batchId) : engine.signedIn;
        if (engine.locked && !begun) throw new CallError('locked');
        if (owner === undefined) throw new CallError('not-found', 'batch');
        const outcome = conduct.answer?.(fileName) ?? { outcome: 'duplicate', file: fileName, id: '0b0e8c6e-7d7b-4f43-9a41-0c5d4b9be001' } as IngestOutcome;
        if (outcome.outcome !== 'rejected') engine.taken.push({ fileName, for: owner });
        return outcome;
      },
    },
  } as unknown as RelevoClient;
  return { engine, client, keeper: new BatchKeeper(client) };
}

/** Pictures from the clipboard, of which the second cannot be read until it may. */
function pasted(): { intake: Intake; readOn: () => void } {
  let readOn = (): void => undefined;
  const whenRead = new Promise<void>((resolve) => { readOn = resolve; });
  const picture = (name: string, when: Promise<void>): File => Object.assign(new File([name], name), { arrayBuffer: () => when.then(() => new ArrayBuffer(1)) });
  return { intake: { paths: [], loose: [picture('one.png', Promise.resolve()), picture('two.png', whenRead)], files: new Map(), hasFolder: false, skipped: 0 }, readOn };
}

async function ended(client: RelevoClient): Promise<void> {
  await expect.poll(() => client.saving.get().open).toBe(0);
}
const nameOf = (file: File): string => file.name;

it('pictures that were pasted before the window was locked are handed over, for whoever pasted them, also where a colleague signs in meanwhile', async () => {
  const { engine, client, keeper } = windowOfAna();
  const { intake, readOn } = pasted();
  keeper.add(patient, intake, nameOf);
  await expect.poll(() => engine.taken.length).toBe(1);
  engine.locked = true;
  keeper.close();
  engine.locked = false;
  engine.signedIn = lucia.id;
  readOn();
  await ended(client);
  expect(engine.taken).toEqual([{ fileName: 'one.png', for: ana.id }, { fileName: 'two.png', for: ana.id }]);
  expect(client.lost.get().size).toBe(0);
});

it.each([
  ['the engine began anew meanwhile', (engine: { restart(): void }) => engine.restart(), {}],
  ['the engine refused it', () => undefined, { answer: (fileName: string): IngestOutcome => ({ outcome: 'rejected', file: fileName, code: 'disk-full' }) }],
])('one that cannot be handed over once its screen is gone is told to its owner: %s', async (_, happens, conduct) => {
  const { engine, client, keeper } = windowOfAna(conduct);
  const { intake, readOn } = pasted();
  keeper.add(patient, { ...intake, loose: intake.loose.slice(1) }, nameOf);
  await expect.poll(() => engine.begun.size).toBe(1);
  keeper.close();
  happens(engine);
  readOn();
  await ended(client);
  expect([...client.lost.get()]).toEqual([[`https://a.example ${ana.id}`, 1]]);
});

it('while its screen is there, the screen tells it', async () => {
  const { engine, client, keeper } = windowOfAna();
  const { intake, readOn } = pasted();
  engine.locked = true;
  readOn();
  keeper.add(patient, intake, nameOf);
  await ended(client);
  expect(client.lost.get().size).toBe(0);
  expect(Object.values(keeper.batches.get()[0]!.calls).map(({ state }) => state)).toEqual(['interrupted', 'interrupted']);
});
