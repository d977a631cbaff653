import { describe, expect, it } from 'vitest';
import type { ShownLogLine } from '../../../shared/domain/support.ts';
import { bundleTree } from './bundle-tree.ts';
import { fieldsText, isShown, keptLines, withNewLines } from './log-lines.ts';

const line = (at: number, facts: Partial<ShownLogLine> = {}): ShownLogLine => ({ at, level: 'info', event: 'upload.part-stored', fields: { part: 3, ms: 120 }, ...facts });

describe('the log', () => {
  it('shows what is as grave as asked for or graver', () => {
    expect(isShown(line(1, { level: 'warn' }), { level: 'warn', search: '' })).toBe(true);
    expect(isShown(line(1, { level: 'error' }), { level: 'warn', search: '' })).toBe(true);
    expect(isShown(line(1), { level: 'warn', search: '' })).toBe(false);
  });

  it('finds words in the event and in its facts, however they are written', () => {
    expect(isShown(line(1), { level: 'debug', search: 'PART-stored' })).toBe(true);
    expect(isShown(line(1), { level: 'debug', search: 'part=3' })).toBe(true);
    expect(isShown(line(1), { level: 'debug', search: 'canary' })).toBe(false);
    expect(fieldsText(line(1))).toBe('part=3 ms=120');
  });

  it('puts new lines on top, newest first, and forgets the oldest', () => {
    const shown = Array.from({ length: keptLines }, (_, index) => line(keptLines - index));
    const after = withNewLines(shown, [line(5_000), line(5_001)], { level: 'info', search: '' });
    expect(after.slice(0, 3).map(({ at }) => at)).toEqual([5_001, 5_000, keptLines]);
    expect(after).toHaveLength(keptLines);
    expect(withNewLines(shown, [line(9, { level: 'debug' })], { level: 'info', search: '' })).toBe(shown);
  });
});

it('groups the files of a bundle by folder, the top first', () => {
  const file = (path: string) => ({ path, sizeBytes: 1, failed: false });
  const tree = bundleTree([file('diagnosis/report.json'), file('about.json'), file('logs/old/a.log'), file('diagnosis/history.json')]);
  expect(tree.map(({ name, files }) => [name, files.map((each) => each.name)])).toEqual([
    ['', ['about.json']],
    ['diagnosis', ['report.json', 'history.json']],
    ['logs/old', ['a.log']],
  ]);
});
