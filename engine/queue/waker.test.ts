import { expect, test } from 'vitest';
import { silentLogger } from '../logging/logger.ts';
import { DatabaseError } from './database-error.ts';
import { createWaker } from './waker.ts';

/** A queue of three stretches, and time that goes on when the test says so. */
function setUp(trouble: number[] = []) {
  const closing = new AbortController();
  const done: string[] = [];
  const sleeping: (() => void)[] = [];
  let calls = 0;
  const wake = createWaker({
    queue: {
      wakeSome: (cause, _at, after = 0) => {
        calls += 1;
        if (trouble.includes(calls)) throw new DatabaseError('disk-full');
        done.push(`${cause} ${after}`);
        return { ids: ['id'], next: after < 2 ? after + 1 : undefined };
      },
    },
    clock: { now: () => 1, monotonic: () => 1, sleep: () => new Promise((resolve) => { sleeping.push(resolve); }) },
    log: silentLogger, closing: closing.signal, onWoken: () => done.push('may start'),
  });
  const goOn = async (): Promise<void> => {
    for (const resolve of sleeping.splice(0)) resolve();
    await new Promise((resolve) => { setImmediate(resolve); });
  };
  return { wake, done, closing, goOn };
}

test('the first are woken and may start before anything else happens, the others in between', async () => {
  const { wake, done, goOn } = setUp();
  wake('network');
  expect(done).toEqual(['network 0', 'may start']);
  await goOn();
  expect(done.slice(2)).toEqual(['network 1', 'may start']);
  await goOn();
  expect(done.slice(4)).toEqual(['network 2', 'may start']);
  await goOn();
  expect(done).toHaveLength(6);
});

test('a cause that comes again begins anew, and does not walk twice', async () => {
  const { wake, done, goOn } = setUp();
  wake('network');
  await goOn();
  wake('network');
  wake('signed-in');
  for (let turn = 0; turn < 4; turn += 1) await goOn();
  expect(done.filter((line) => line !== 'may start')).toEqual(['network 0', 'network 1', 'network 0', 'signed-in 0', 'network 1', 'signed-in 1', 'network 2', 'signed-in 2']);
});

test('a disk that takes no more is tried again, and nothing is passed over', async () => {
  const { wake, done, goOn } = setUp([2]);
  wake('network');
  for (let turn = 0; turn < 6; turn += 1) await goOn();
  expect(done.filter((line) => line !== 'may start')).toEqual(['network 0', 'network 1', 'network 2']);
});

test('ends when the engine does', async () => {
  const { wake, done, closing, goOn } = setUp();
  wake('network');
  closing.abort();
  await goOn();
  expect(done).toEqual(['network 0', 'may start']);
});
