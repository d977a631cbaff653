import { mkdirSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makePhoto } from '../../test-support/photos.ts';
import { setUp, summary, type Setup } from './ingest-setup-for-tests.ts';
import { SourceReads } from './source-reads.ts';

/** A card whose files can be opened, and give nothing. What hangs has no time left at once. */
class HangingCard extends SourceReads {
  readonly #hangs: (path: string) => boolean;
  readonly #asked = new Map<string, number>();
  #hanging = false;

  constructor(hangs: (path: string) => boolean) {
    super({
      atOnce: 4, stuckAtMost: 8, limitMs: 0,
      clock: { sleep: (_ms, signal) => (this.#hanging ? Promise.resolve() : new Promise((resolve) => { signal?.addEventListener('abort', () => resolve()); })) },
    });
    this.#hangs = hangs;
  }

  override inTime<T>(path: string | Buffer, work: () => Promise<T>, onLate?: (value: T) => void): Promise<T> {
    const times = (this.#asked.get(path.toString()) ?? 0) + 1;
    this.#asked.set(path.toString(), times);
    // Found, opened and described before.
    const hangs = this.#hangs(path.toString()) && times > 3;
    return super.inTime(path, () => {
      this.#hanging = hangs;
      return hangs ? new Promise<T>(() => undefined) : work();
    }, onLate);
  }
}

let it: Setup;
beforeEach(async () => { it = await setUp({ reads: new HangingCard((path) => path.includes('share')) }); });
afterEach(() => it.tearDown());

test('files that give nothing are rejected with a reason, and the others are taken in', async () => {
  const share = join(it.sources, 'share');
  mkdirSync(share);
  const paths = await Promise.all(Array.from({ length: 12 }, async (_, index) => {
    const path = join(index % 2 === 0 ? share : it.sources, `${index}.jpg`);
    writeFileSync(path, await makePhoto({ seed: index, width: 96, height: 72 }));
    return path;
  }));
  const outcomes = await it.add(...paths);
  expect(summary(outcomes)).toEqual(paths.map((path, index) => `${index}.jpg ${path.includes('share') ? 'rejected unreadable' : 'queued'}`));
  expect(outcomes.filter((one) => one.outcome === 'rejected').map((one) => one.detail)).toEqual(Array.from({ length: 6 }, () => 'ETIMEDOUT'));
});

test.skipIf(process.platform === 'win32')('the command line has set its threads before anything uses them', () => {
  const exit = "process.on('exit', () => { process.stderr.write('threads ' + process.env.UV_THREADPOOL_SIZE); })";
  const { UV_THREADPOOL_SIZE: _, ...env } = process.env;
  const ended = spawnSync(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(exit)}`, join(import.meta.dirname, '../../cli/main.ts'), '--version'], { env, encoding: 'utf8' });
  expect(ended.stderr).toContain('threads 16');
});
