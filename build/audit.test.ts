import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { electronProblem, parseReport, problemsOf } from './audit.ts';
import type { Advisory } from './audit.ts';
import { advisoryExceptionSchema, readExceptions } from './exceptions.ts';
import { checkout } from './paths.mjs';

const id = 'GHSA-aaaa-bbbb-cccc';
const weak: Advisory = { id, package: 'leaky', title: 'Reads past the end', severity: 'high' };
const tool: Advisory = { id: 'GHSA-dddd-eeee-ffff', package: 'bundler', title: 'Serves the whole disk', severity: 'moderate' };
const exception = { id, package: 'leaky', reason: 'Only reached with a setting that we do not use', date: '2026-11-01', until: '2026-12-31' };

/** As npm 11 answers. */
const report = JSON.stringify({
  auditReportVersion: 2,
  vulnerabilities: {
    leaky: { name: 'leaky', severity: 'high', isDirect: false, via: [{ source: 1_100, name: 'leaky', dependency: 'leaky', title: weak.title, url: `https://github.com/advisories/${id}`, severity: 'high', range: '<2' }], effects: ['above'], range: '<2', nodes: ['node_modules/leaky'], fixAvailable: true },
    above: { name: 'above', severity: 'high', isDirect: true, via: ['leaky'], effects: [], range: '*', nodes: [], fixAvailable: true },
  },
  metadata: { vulnerabilities: { total: 2 } },
});

describe('known weaknesses', () => {
  test('are read from npm’s answer, each once', () => {
    expect(parseReport(report)).toEqual([weak]);
    expect(parseReport('{"auditReportVersion":2,"vulnerabilities":{}}')).toEqual([]);
  });

  test.each(['', 'npm error', '{"message":"405 Method Not Allowed"}', '{"error":{"code":"ENOTFOUND"}}'])('an answer that is none (%j) is not taken for “none known”', (text) => {
    expect(parseReport(text)).toBeUndefined();
  });

  test('a new one is told, with whether it is shipped', () => {
    expect(problemsOf({ shipped: [weak], all: [weak, tool] }, [], '2026-11-22')).toEqual([
      `${id} (leaky, high, shipped): Reads past the end`,
      'GHSA-dddd-eeee-ffff (bundler, moderate, only used to build and test): Serves the whole disk',
    ]);
  });

  test('an exception excuses its own package and weakness until its day, and not a day longer', () => {
    const audited = { shipped: [weak], all: [weak] };
    expect(problemsOf(audited, [exception], '2026-12-31')).toEqual([]);
    expect(problemsOf(audited, [exception], '2027-01-01')).toEqual([`${id} (leaky): the exception ended on 2026-12-31`]);
    expect(problemsOf(audited, [{ ...exception, package: 'other' }], '2026-11-22')).toHaveLength(2);
  });

  test('an exception that has ended is told even where the registry cannot be asked; one without a cause where it can', () => {
    expect(problemsOf(undefined, [exception], '2027-01-01')).toHaveLength(1);
    expect(problemsOf(undefined, [exception], '2026-11-22')).toEqual([]);
    expect(problemsOf({ shipped: [], all: [] }, [exception], '2026-11-22')).toEqual([`${id} (leaky): nothing has this weakness any more, so the exception can go`]);
  });
});

describe('the file of exceptions', () => {
  test('is what it must be', async () => {
    await expect(readExceptions(join(checkout, 'build', 'audit-exceptions.json'), advisoryExceptionSchema)).resolves.toBeDefined();
  });

  test.each([
    ['no reason', { ...exception, reason: '' }], ['no end', { ...exception, until: undefined }], ['an end before its beginning', { ...exception, until: '2026-10-01' }],
    ['no end in sight', { ...exception, until: '2028-01-01' }], ['no such day', { ...exception, until: '2026-02-30' }], ['no number', { ...exception, id: 'leaky' }], ['something else in it', { ...exception, forever: true }],
  ])('is refused with %s', async (_what, wrong) => {
    const folder = await mkdtemp(join(tmpdir(), 'relevo-exceptions-'));
    const file = join(folder, 'exceptions.json');
    await writeFile(file, JSON.stringify([wrong]));
    await expect(readExceptions(file, advisoryExceptionSchema)).rejects.toThrow();
    await rm(folder, { recursive: true });
  });
});

test('the Electron that is asked about is the one that is installed, to the last digit', async () => {
  const version = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(checkout, file), 'utf8'));
  const { devDependencies } = await version('package.json') as { devDependencies: { electron: string } };
  expect(devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/);
  expect(await version('node_modules/electron/package.json')).toMatchObject({ version: devDependencies.electron });
});

test('Electron’s three newest majors are those that are mended', () => {
  expect(electronProblem('45.4.1', '45.4.1')).toBeUndefined();
  expect(electronProblem('45.4.1', '47.0.0')).toBeUndefined();
  expect(electronProblem('45.4.1', '48.0.0')).toBe('Electron 45.4.1 is mended no more; the newest is 48.0.0');
});
