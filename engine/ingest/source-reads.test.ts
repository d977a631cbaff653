import { describe, expect, it } from 'vitest';
import { SourceReads, SourceStuck } from './source-reads.ts';

/** The time limit of the work begun last, for a test to let it run out. */
function setUp(atOnce = 2, stuckAtMost = 4) {
  const limits: (() => void)[] = [];
  const clock = { sleep: (_ms: number, signal?: AbortSignal) => new Promise<void>((resolve) => { limits.push(resolve); signal?.addEventListener('abort', () => resolve()); }) };
  return { reads: new SourceReads({ clock, atOnce, stuckAtMost, limitMs: 1 }), runOut: (index: number) => limits[index]?.() };
}
function hanging<T>() {
  let end!: (value: T) => void;
  const promise = new Promise<T>((resolve) => { end = resolve; });
  return { work: () => promise, end };
}
const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

describe('reading of sources', () => {
  it('gives what was read, and what went wrong', async () => {
    const { reads } = setUp();
    expect(await reads.inTime('/card/a.jpg', async () => 7)).toBe(7);
    await expect(reads.inTime('/card/a.jpg', () => Promise.reject(new Error('EIO')))).rejects.toThrow('EIO');
  });

  it('does no more at once than it may, and goes on with the next when one hangs', async () => {
    const { reads, runOut } = setUp(2);
    const [one, other] = [hanging<string>(), hanging<string>()];
    const first = reads.inTime('/card/1.jpg', one.work);
    const second = reads.inTime('/card/2.jpg', other.work);
    let begun = false;
    const third = reads.inTime('/disk/3.jpg', async () => { begun = true; return 'read'; });
    await turn();
    expect(begun).toBe(false);
    runOut(0);
    await expect(first).rejects.toMatchObject({ name: 'Rejection', code: 'unreadable', detail: 'ETIMEDOUT' });
    expect(await third).toBe('read');
    other.end('slow');
    expect(await second).toBe('slow');
  });

  it('begins nothing more in a folder where two hang, and goes on there when they no longer do', async () => {
    const { reads, runOut } = setUp(2);
    const works = [hanging<string>(), hanging<string>()];
    const results = works.map(({ work }, index) => reads.inTime(`/card/${index}.jpg`, work));
    await turn();
    runOut(0);
    runOut(1);
    for (const result of results) await expect(result).rejects.toBeInstanceOf(SourceStuck);
    await expect(reads.inTime('/card/3.jpg', async () => 'read')).rejects.toBeInstanceOf(SourceStuck);
    expect(await reads.inTime('/disk/3.jpg', async () => 'read')).toBe('read');
    for (const { end } of works) end('late');
    await turn();
    expect(await reads.inTime('/card/3.jpg', async () => 'read')).toBe('read');
  });

  it('never has more that hang than it may, and hands on what comes too late', async () => {
    const { reads, runOut } = setUp(1, 1);
    const { work, end } = hanging<string>();
    const late: string[] = [];
    const result = reads.inTime('/a/1.jpg', work, (value) => late.push(value));
    const waiting = reads.inTime('/b/2.jpg', async () => 'read');
    await turn();
    runOut(0);
    await expect(result).rejects.toBeInstanceOf(SourceStuck);
    await expect(waiting).rejects.toBeInstanceOf(SourceStuck);
    end('handle');
    await turn();
    expect(late).toEqual(['handle']);
    expect(await reads.inTime('/b/2.jpg', async () => 'read')).toBe('read');
  });
});
