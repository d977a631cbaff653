import { expect, it } from 'vitest';
import type { Patient } from '../../shared/domain/account.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import { MissingPatients } from './missing-patients.ts';

function listOf(...patients: Patient[]): { missing: MissingPatients; asked: string[]; fail: (on: boolean) => void } {
  const asked: string[] = [];
  let failing = false;
  const missing = new MissingPatients({
    searchPatients: async (input) => {
      const text = input?.text ?? '';
      asked.push(text);
      if (failing) throw new CallError('engine-stopped');
      const found = patients.filter(({ id, name }) => id === text || name.includes(text)).slice(0, 1);
      return { patients: found, total: found.length };
    },
  });
  return { missing, asked, fail: (on) => { failing = on; } };
}

const settled = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 0); });

it('marks who is gone from the list, and nobody else', async () => {
  const { missing, asked } = listOf({ id: 'p-1', name: 'María' }, { id: 'p-2', name: 'Luis', missing: true }, { id: 'p-9', name: 'Room p-3', missing: true });
  for (const id of ['p-1', 'p-2', 'p-2', 'p-3']) missing.look(id);
  await settled();
  expect([...missing.store.get()]).toEqual(['p-2']);
  expect(asked).toEqual(['p-1', 'p-2', 'p-3']);
});

it('asks again after a failure, and when it was told to forget', async () => {
  const { missing, asked, fail } = listOf({ id: 'p-2', name: 'Luis', missing: true });
  fail(true);
  missing.look('p-2');
  await settled();
  fail(false);
  missing.look('p-2');
  await settled();
  expect([...missing.store.get()]).toEqual(['p-2']);
  missing.clear();
  expect(missing.store.get().size).toBe(0);
  missing.look('p-2');
  await settled();
  expect(asked).toHaveLength(3);
  expect([...missing.store.get()]).toEqual(['p-2']);
});
