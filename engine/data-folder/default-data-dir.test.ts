import { isAbsolute } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { defaultDataDir, homeFolder, NoHomeFolder } from './default-data-dir.ts';

afterEach(() => { vi.unstubAllEnvs(); });

describe('homeFolder', () => {
  it.each(['', 'somewhere'])('asks the system where HOME is no place (%j)', (named) => {
    for (const name of ['HOME', 'USERPROFILE']) vi.stubEnv(name, named);
    expect(isAbsolute(homeFolder())).toBe(true);
  });
});

describe('defaultDataDir', () => {
  it('is refused where the home folder is not known, rather than being put where the command runs', () => {
    for (const platform of ['linux', 'win32', 'darwin'] as const) expect(() => defaultDataDir({ platform, homeDir: '', environment: {} })).toThrow(NoHomeFolder);
    expect(defaultDataDir({ platform: 'linux', homeDir: '', environment: { XDG_DATA_HOME: '/data' } })).toBe('/data/relevo');
    expect(defaultDataDir({ platform: 'linux', homeDir: '', environment: { RELEVO_DATA_DIR: '/mnt/relevo' } })).toBe('/mnt/relevo');
  });

  it('obeys RELEVO_DATA_DIR everywhere', () => {
    for (const platform of ['linux', 'win32', 'darwin'] as const) {
      expect(defaultDataDir({ platform, homeDir: '/home/ana', environment: { RELEVO_DATA_DIR: '/mnt/relevo' } })).toBe('/mnt/relevo');
    }
  });

  it('uses the place for local, not roaming, data of each system', () => {
    expect(defaultDataDir({ platform: 'linux', homeDir: '/home/ana', environment: {} })).toBe('/home/ana/.local/share/relevo');
    expect(defaultDataDir({ platform: 'linux', homeDir: '/home/ana', environment: { XDG_DATA_HOME: '/data' } })).toBe('/data/relevo');
    expect(defaultDataDir({ platform: 'darwin', homeDir: '/Users/ana', environment: {} })).toBe('/Users/ana/Library/Application Support/Relevo');
    expect(defaultDataDir({ platform: 'win32', homeDir: 'C:\\Users\\ana', environment: {} })).toBe('C:\\Users\\ana\\AppData\\Local\\Relevo');
    expect(defaultDataDir({ platform: 'win32', homeDir: 'C:\\Users\\ana', environment: { LOCALAPPDATA: 'D:\\Local' } })).toBe('D:\\Local\\Relevo');
  });

  it('ignores an XDG_DATA_HOME that is not absolute, as the specification asks', () => {
    expect(defaultDataDir({ platform: 'linux', homeDir: '/home/ana', environment: { XDG_DATA_HOME: 'data' } })).toBe('/home/ana/.local/share/relevo');
  });
});
