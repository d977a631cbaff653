import { describe, expect, it } from 'vitest';
import { followRun, noRun, runRatio } from './run-progress.ts';
import { addSpeed, emptySpeedHistory, speedSeconds } from './speed-history.ts';
import { countIn, countToSend } from './queue-counts.ts';

describe('the bar over the whole queue', () => {
  it('grows as bytes leave, and steps back when photos are added', () => {
    const started = followRun(noRun, 100);
    const half = followRun(started, 50);
    expect(runRatio(half)).toBe(0.5);
    const added = followRun(half, 150);
    expect(runRatio(added)).toBe(0.25);
    expect(runRatio(followRun(added, 0))).toBe(1);
  });

  it('begins anew with the next photos', () => {
    const done = followRun(followRun(noRun, 100), 0);
    expect(runRatio(followRun(done, 40))).toBe(0);
  });
});

describe('the speed of the last minute', () => {
  it('has one figure a second, the latest of it', () => {
    let history = addSpeed(emptySpeedHistory, 1000, 5);
    history = addSpeed(history, 1250, 6);
    history = addSpeed(history, 2100, 9);
    expect(history.samples).toEqual([6, 9]);
  });

  it('fills the seconds in which the engine said nothing', () => {
    const history = addSpeed(addSpeed(emptySpeedHistory, 0, 3), 4000, 7);
    expect(history.samples).toEqual([3, 3, 3, 3, 7]);
  });

  it('forgets what is older', () => {
    let history = emptySpeedHistory;
    for (let second = 0; second < 500; second += 1) history = addSpeed(history, second * 1000, second);
    expect(history.samples).toHaveLength(speedSeconds);
    expect(history.samples.at(-1)).toBe(499);
    expect(addSpeed(history, 9e9, 1).samples).toHaveLength(speedSeconds);
  });
});

it('counts what still has a way to go by itself apart from what needs somebody', () => {
  const counts = { queued: 1, uploading: 2, completing: 4, completed: 8, waiting: 16, paused: 32, blocked: 64, needsAttention: 128, cancelled: 256 };
  expect(countToSend(counts)).toBe(1 + 2 + 4 + 16 + 32 + 64);
  expect(countIn('attention', counts)).toBe(128);
  expect(countIn('all', counts)).toBe(511);
});
