import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { localeLanguage, printable } from './io.ts';
import { createProgressBar } from './progress-bar.ts';
import { table } from './table.ts';

function terminal(isTTY: boolean): { stderr: Writable & { isTTY: boolean; columns: number }; text(): string } {
  let written = '';
  const stderr = Object.assign(new Writable({ write: (chunk: Buffer, _encoding, done) => { written += chunk.toString(); done(); } }), { isTTY, columns: 40 });
  return { stderr, text: () => written };
}

test('a progress bar is drawn on a terminal only, within its width, and wiped', () => {
  const there = terminal(true);
  const bar = createProgressBar(there.stderr, true);
  bar.show(0.5, '12 photos, and much more than fits into this line');
  expect(there.text()).toContain('████████████░░░░░░░░░░░░');
  expect([...there.text().replace(/\r|\u001b\[2K/g, '')].length).toBeLessThan(40);
  bar.clear();
  expect(there.text()).toMatch(/\r\u001b\[2K$/);
  const elsewhere = terminal(false);
  createProgressBar(elsewhere.stderr, true).show(0.5, 'x');
  const json = terminal(true);
  createProgressBar(json.stderr, false).show(0.5, 'x');
  expect(elsewhere.text() + json.text()).toBe('');
});

test('columns are aligned, also beside wide characters', () => {
  expect(table([['a', '1 MB', 'x'], ['📷 b', '12 MB', 'y']], [{}, { align: 'right' }])).toBe('a      1 MB  x\n📷 b  12 MB  y');
});

test('names cannot move the cursor or turn the text around', () => {
  expect(printable('a\u001b[2Jb\nc\u202ed')).toBe('a\\u{1b}[2Jb\\u{a}c\\u{202e}d');
  expect(printable('José 😀 "x"')).toBe('José 😀 "x"');
});

test('the language is that of the locale, in POSIX’s order, where it is one of ours', () => {
  expect(localeLanguage({ LANG: 'es_MX.UTF-8' })).toBe('es');
  expect(localeLanguage({ LANG: 'es_ES', LC_ALL: 'en_GB' })).toBe('en');
  for (const LANG of ['C.UTF-8', 'POSIX', '', 'de_DE', 'est_EE']) expect(localeLanguage({ LANG })).toBeUndefined();
});
