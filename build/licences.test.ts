import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAccepted, licenceProblems, licenceTable, licenceTableFile, notices, readLicenceExceptions, shippedPackages } from './licences.ts';
import type { Shipped } from './licences.ts';

const today = new Date().toISOString().slice(0, 10);

describe('what is shipped', () => {
  test('is under licences that are on the list, or excepted for a time', async () => {
    const shipped = await shippedPackages();
    expect(shipped.map(({ name }) => name)).toEqual(expect.arrayContaining(['axios', 'react', 'zod', '@aws-sdk/client-s3']));
    expect(licenceProblems(shipped, await readLicenceExceptions(), today)).toEqual([]);
  });

  test('is listed in docs/licences.md as it is installed (npm run licences)', async () => {
    expect(await readFile(licenceTableFile, 'utf8')).toBe(licenceTable(await shippedPackages(), await readLicenceExceptions()));
  });

  test('has every licence’s text in the notices', async () => {
    const shipped = await shippedPackages();
    const text = notices(shipped);
    for (const { name, version } of shipped) expect(text).toContain(`${name} ${version}\n`);
    for (const sign of ['Permission is hereby granted', 'Apache License', 'SIL OPEN FONT LICENSE', 'Redistribution and use in source and binary forms']) expect(text.toUpperCase()).toContain(sign.toUpperCase());
    expect(text).not.toContain('printed under no other package');
  });
});

describe('an installation', () => {
  let root: string;
  beforeEach(async () => { root = await mkdtemp(join(tmpdir(), 'relevo-licences-')); });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const put = async (file: string, content: unknown): Promise<void> => {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), typeof content === 'string' ? content : JSON.stringify(content));
  };

  test('is read whole, nested packages too, without what only builds and tests, and without what is not there', async () => {
    await put('package-lock.json', { packages: {
      '': {}, 'node_modules/a': {}, 'node_modules/a/node_modules/b': {}, 'node_modules/b': {}, 'node_modules/old': {}, 'node_modules/tool': { dev: true }, 'node_modules/for-macos': { optional: true },
    } });
    await put('node_modules/a/package.json', { name: 'a', version: '1.0.0', license: 'MIT' });
    await put('node_modules/a/LICENSE', 'Text of A\r\n');
    await put('node_modules/a/NOTICE.md', 'Notice of A');
    await put('node_modules/a/node_modules/b/package.json', { name: 'b', version: '1.0.0', license: { type: 'ISC' } });
    await put('node_modules/b/package.json', { name: 'b', version: '2.0.0' });
    await put('node_modules/old/package.json', { name: 'old', version: '0.1.0', licenses: [{ type: 'MIT' }, { type: 'GPL-3.0' }] });
    await put('node_modules/tool/package.json', { name: 'tool', version: '1.0.0', license: 'GPL-3.0' });
    expect(await shippedPackages(root)).toEqual([
      { name: 'a', version: '1.0.0', licence: 'MIT', texts: ['Text of A', 'Notice of A'] },
      { name: 'b', version: '1.0.0', licence: 'ISC', texts: [] },
      { name: 'b', version: '2.0.0', licence: 'none named', texts: [] },
      { name: 'old', version: '0.1.0', licence: 'MIT OR GPL-3.0', texts: [] },
    ]);
  });
});

test.each([
  ['MIT', true], ['(MIT OR CC0-1.0)', true], ['MIT OR GPL-3.0-only', true], ['GPL-3.0-only OR (ISC AND Zlib)', true], ['MIT AND Apache-2.0', true],
  ['GPL-3.0-only', false], ['MIT AND GPL-3.0-only', false], ['(MIT OR ISC) AND AGPL-3.0', false], ['Apache-2.0 WITH LLVM-exception', false], ['UNLICENSED', false], ['SEE LICENSE IN LICENSE.md', false], ['none named', false], ['', false], ['(MIT', false], ['MIT)', false], ['MIT GPL-3.0', false],
])('the expression %j is accepted: %s', (expression, yes) => expect(isAccepted(expression)).toBe(yes));

test('an unknown licence is told, an exception excuses it for its time, and one that is not needed is told as well', () => {
  const odd: Shipped = { name: 'odd', version: '1.2.3', licence: 'WTFPL', texts: [] };
  const exception = { package: 'odd', licence: 'WTFPL', reason: 'Asked its author for another one', date: '2026-11-01', until: '2026-12-31' };
  expect(licenceProblems([odd], [], '2026-11-22')).toEqual(['odd 1.2.3: the licence WTFPL is not on the list']);
  expect(licenceProblems([odd], [exception], '2026-12-31')).toEqual([]);
  expect(licenceProblems([odd], [exception], '2027-01-01')).toEqual(['odd: the exception ended on 2026-12-31']);
  expect(licenceProblems([], [exception], '2026-11-22')).toEqual(['odd: nothing of it is under WTFPL any more, so the exception can go']);
  expect(licenceTable([odd], [exception])).toContain('- odd (WTFPL), from 2026-11-01 until 2026-12-31: Asked its author for another one');
});
