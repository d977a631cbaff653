/** @file docs/security.md says which test holds what. This holds it to that. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from './paths.mjs';

const document = await readFile(join(checkout, 'docs', 'security.md'), 'utf8');

/** Every `file` that is a test, and the names that follow it. */
function named(text: string): [file: string, name: string][] {
  const lines = text.replaceAll('\n', ' ');
  return [...lines.matchAll(/`([\w./-]+\.(?:test|spec)\.tsx?)`((?:,? \*[^*]+\*)*)/g)].flatMap(([, file, names]): [string, string][] =>
    names ? [...names.matchAll(/\*([^*]+)\*/g)].map((name) => [file!, name[1]!]) : [[file!, '']]);
}

/** A test by that name: a text at the beginning of a call's or a table's entry. */
const hasTest = (source: string, name: string): boolean => ["'", '"', '`'].some((quote) => source.includes(`(${quote}${name}${quote}`) || source.includes(`[${quote}${name}${quote}`));

const rows = (heading: string): string[][] => {
  const part = document.split(/^##+ /m).find((section) => section.startsWith(heading))!;
  return part.split('\n').filter((line) => line.startsWith('|')).slice(2).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
};

test('every test that it names is there', async () => {
  const missing: string[] = [];
  for (const [file, name] of named(document)) {
    const source = await readFile(join(checkout, file), 'utf8').catch(() => undefined);
    if (source === undefined) missing.push(file);
    else if (name !== '' && !hasTest(source, name)) missing.push(`${file}: ${name}`);
  }
  expect(named(document).length).toBeGreaterThan(60);
  expect(missing).toEqual([]);
});

test('Electron’s seventeen points are all there, in order, each with what holds it', () => {
  const points = rows('Electron’s checklist'.replace('’', "'"));
  expect(points.map(([number]) => number)).toEqual(Array.from({ length: 17 }, (_, index) => String(index + 1)));
  expect(points.filter((cells) => named(cells[3]!).length === 0)).toEqual([]);
});

test('each threat says who, what, how it is stopped, and which test', () => {
  const threats = rows('Threats');
  expect(threats.length).toBeGreaterThanOrEqual(16);
  expect(threats.filter((cells) => cells.length !== 4 || cells.some((cell) => cell === ''))).toEqual([]);
  expect(threats.filter((cells) => named(cells[3]!).some(([, name]) => name === '') || (named(cells[3]!).length === 0 && cells[3] !== 'no test yet'))).toEqual([]);
});

test('the page is as sharp as it says: a test that is not there is noticed', () => {
  expect(named('`a/b.test.ts` *one*, *two*; `c.spec.ts` *three*')).toEqual([['a/b.test.ts', 'one'], ['a/b.test.ts', 'two'], ['c.spec.ts', 'three']]);
  expect(hasTest("test('one', () => {", 'one')).toBe(true);
  expect(hasTest("test('one and more', () => {", 'one')).toBe(false);
  expect(hasTest('// one', 'one')).toBe(false);
});

test('only one package may run a script when it is installed', async () => {
  const { allowScripts } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { allowScripts: Record<string, boolean> };
  expect(Object.entries(allowScripts).filter(([, allowed]) => allowed).map(([name]) => name)).toEqual(['node']);
  // npm's own: every package with an install script must be decided on, or `npm ci` complains.
  const { packages } = JSON.parse(await readFile(join(checkout, 'package-lock.json'), 'utf8')) as { packages: Record<string, { hasInstallScript?: boolean; integrity?: string; link?: boolean }> };
  const withScript = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path.replace(/^.*node_modules\//, ''));
  expect(withScript.filter((name) => !(name in allowScripts))).toEqual([]);
  expect(Object.entries(packages).filter(([path, { integrity, link }]) => path !== '' && !link && !integrity).map(([path]) => path)).toEqual([]);
});
