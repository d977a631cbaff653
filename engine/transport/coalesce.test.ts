import { expect, it } from 'vitest';
import { coalesce } from './coalesce.ts';

const never = new AbortController().signal;

/** Calls that stay open until they are let go. */
function make(atMost = 10) {
  const runs: { inputs: number[]; signal: AbortSignal; answer: () => void }[] = [];
  const call = coalesce<number, string>(atMost, (inputs, signal) => new Promise((resolve) => {
    runs.push({ inputs, signal, answer: () => { resolve(inputs.map((input) => `of ${input}`)); } });
  }));
  return { call, runs };
}

const begun = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

it('makes one call of those of a turn, and more where there are too many', async () => {
  const { call, runs } = make(2);
  const all = Promise.all([call(1, never), call(2, never), call(3, never)]);
  await begun();
  expect(runs.map(({ inputs }) => inputs)).toEqual([[1, 2], [3]]);
  for (const run of runs) run.answer();
  expect(await all).toEqual(['of 1', 'of 2', 'of 3']);
});

it('goes on for the others when one has left, and ends when the last has', async () => {
  const { call, runs } = make();
  const [one, other] = [new AbortController(), new AbortController()];
  const ofOne = call(1, one.signal).catch((error: unknown) => error);
  const ofOther = call(2, other.signal).catch((error: unknown) => error);
  await begun();
  one.abort();
  expect(await ofOne).toMatchObject({ reason: 'aborted' });
  expect(runs[0]?.signal.aborted).toBe(false);
  other.abort();
  expect(await ofOther).toMatchObject({ reason: 'aborted' });
  expect(runs[0]?.signal.aborted).toBe(true);
});

it('is over before it has begun where nobody wants it any more', async () => {
  const { call, runs } = make();
  const only = new AbortController();
  const ended = call(1, only.signal).catch((error: unknown) => error);
  only.abort();
  await ended;
  await begun();
  expect(runs[0]?.signal.aborted).toBe(true);
});
