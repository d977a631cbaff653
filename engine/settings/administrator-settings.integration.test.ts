import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { settingNames } from '../../shared/domain/settings.ts';
import { silentLogger, type Logger } from '../logging/logger.ts';
import { administratorFile, readAdministratorFile, type AdministratorSettings } from './administrator-settings.ts';

let dir: string;
let file: string;
let told: string[];
let open: AdministratorSettings | undefined;
const tell = (event: string, fields?: object): void => { told.push(`${event} ${JSON.stringify(fields ?? {})}`); };
const log: Logger = { ...silentLogger, error: tell, warn: tell, info: tell };
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'relevo-admin-'));
  file = join(dir, 'settings.json');
  told = [];
});
afterEach(() => { open?.close(); open = undefined; rmSync(dir, { recursive: true, force: true }); });
const read = (everyMs?: number): AdministratorSettings => { open = readAdministratorFile({ file, log, ...(everyMs ? { everyMs } : {}) }); return open; };

test('no file is no settings, and nothing to tell', () => {
  expect(read().get()).toEqual({ defaults: {}, fixed: {}, state: 'none' });
  expect(told).toEqual([]);
});

test.each([['', ''], ['with the mark that editors on Windows put in front', '\uFEFF']])('a file is in force %s', (_name, mark) => {
  writeFileSync(file, `${mark}{ "defaults": { "language": "en" }, "fixed": { "shareQueue": true } }`);
  expect(read().get()).toEqual({ defaults: { language: 'en' }, fixed: { shareQueue: true }, state: 'in-force' });
});

describe('a file of which nothing is in force, and that is told without what it held', () => {
  test.each([
    ['no JSON', '{ "fixed": '],
    ['a name that does not exist', '{ "fixed": { "gatewey": "https://secret.example" } }'],
    ['a value out of its range', '{ "defaults": { "lockAfterMinutes": 9999 } }'],
    ['settings outside of both', '{ "gateway": "https://secret.example" }'],
    ['too large', `{ "defaults": {} ${' '.repeat(300 * 1024)} }`],
  ])('%s', (_name, text) => {
    writeFileSync(file, text);
    expect(read().get()).toEqual({ defaults: {}, fixed: {}, state: 'unreadable' });
    expect(told.join()).toMatch(/^settings\.administrator-unreadable/);
    expect(told.join()).not.toContain('secret');
  });
});

test('what is deployed while it runs is heard of, a first file and a taken-away one too', async () => {
  const settings = read(20);
  const heard = (): Promise<void> => new Promise((resolve) => { settings.onChange(resolve); });
  let next = heard();
  writeFileSync(file, '{ "fixed": { "concurrency": 2 } }');
  await next;
  expect(settings.get().fixed).toEqual({ concurrency: 2 });
  next = heard();
  rmSync(file);
  await next;
  expect(settings.get()).toEqual({ defaults: {}, fixed: {}, state: 'none' });
});

test.runIf(process.platform !== 'win32')('where administrators deploy, a file that others may write is not taken', () => {
  writeFileSync(file, '{ "fixed": { "concurrency": 2 } }');
  chmodSync(file, 0o666);
  open = readAdministratorFile({ place: file, log });
  expect(open.get().state).toBe('unreadable');
  expect(told.join()).toContain('not-the-administrators');
});

test('each operating system has its place', () => {
  expect(administratorFile('win32', { ProgramData: 'D:\\ProgramData' })).toBe('D:\\ProgramData\\Relevo\\settings.json');
  expect(administratorFile('darwin', {})).toBe('/Library/Application Support/Relevo/settings.json');
  expect(administratorFile('linux', {})).toBe('/etc/relevo/settings.json');
});

test('docs/administration.md names every setting once, and its example is a file that is taken', () => {
  const text = readFileSync(new URL('../../docs/administration.md', import.meta.url), 'utf8');
  const named = [...text.matchAll(/^\| `(\w+)` \|/gm)].map((row) => row[1]);
  expect(named.sort()).toEqual([...settingNames].sort());
  writeFileSync(file, /```json\n([^]*?)```/.exec(text)![1]!);
  expect(read().get().state).toBe('in-force');
});
