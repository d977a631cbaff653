import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyLockedError, obtainDataKey } from './secrets.ts';
import type { Vault } from './secrets.ts';

let dataDir: string;
beforeEach(() => { dataDir = mkdtempSync(join(tmpdir(), 'relevo-secrets-')); });
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** A keychain of one person: opens only what the same person sealed. The real ones need a desktop session. */
function vaultOf(person: string, isReal = true): Vault {
  const mask = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
  return {
    isReal: () => isReal,
    mayBeReal: () => isReal,
    seal: (text) => mask(Buffer.from(`${person}:${text}`)),
    unseal: (sealed) => {
      const text = mask(sealed).toString();
      if (!text.startsWith(`${person}:`)) throw new Error('wrong keychain');
      return text.slice(person.length + 1);
    },
  };
}

const obtain = (vault: Vault, environment = {}): ReturnType<typeof obtainDataKey> => obtainDataKey({ dataDir, environment, vault });
const given = Buffer.alloc(32, 9).toString('base64');

describe('the key of the data at rest', () => {
  it('is made once, sealed by the keychain, in a file for its owner alone', async () => {
    const first = await obtain(vaultOf('ana'));
    expect(first.source).toBe('keychain');
    expect(first.bytes).toHaveLength(32);
    expect((await obtain(vaultOf('ana'))).bytes).toEqual(first.bytes);
    expect(readdirSync(dataDir)).toEqual(['key.sealed']);
    expect(statSync(join(dataDir, 'key.sealed')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dataDir, 'key.sealed'), 'latin1')).not.toContain(Buffer.from(first.bytes).toString('base64'));
  });

  it('is not replaced when the keychain is another one, or its file is damaged', async () => {
    await obtain(vaultOf('ana'));
    const sealed = readFileSync(join(dataDir, 'key.sealed'));
    await expect(obtain(vaultOf('luis'))).rejects.toThrow(KeyLockedError);
    await expect(obtain(vaultOf('ana', false), { RELEVO_KEY: given })).resolves.toMatchObject({ source: 'keychain' });
    expect(readFileSync(join(dataDir, 'key.sealed'))).toEqual(sealed);
    writeFileSync(join(dataDir, 'key.sealed'), sealed.subarray(0, 10));
    await expect(obtain(vaultOf('ana'))).rejects.toThrow(KeyLockedError);
    expect(readdirSync(dataDir)).toEqual(['key.sealed']);
  });

  it('stays in the key file where it began there, though a keychain has come since', async () => {
    const first = await obtain(vaultOf('ana', false));
    expect(first.source).toBe('key-file');
    const later = await obtain(vaultOf('ana', true));
    expect(later).toEqual(first);
    expect(existsSync(join(dataDir, 'key.sealed'))).toBe(false);
  });

  it('comes from the environment where that names one, for a folder that has none', async () => {
    expect(await obtain(vaultOf('ana'), { RELEVO_KEY: given })).toEqual({ bytes: new Uint8Array(32).fill(9), source: 'environment' });
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('is sealed in a folder that holds nothing but the window’s own things', async () => {
    mkdirSync(join(dataDir, 'window'));
    expect((await obtain(vaultOf('ana'))).source).toBe('keychain');
  });

  it('is not made where it may not be, and then the keychain is not even asked whether it is there', async () => {
    const untouched: Vault = { ...vaultOf('ana'), isReal: () => { throw new Error('has the system make its secret'); } };
    await expect(obtainDataKey({ dataDir, environment: {}, vault: untouched, mayMake: false })).rejects.toMatchObject({ reason: 'not-made-yet' });
    expect(readdirSync(dataDir)).toEqual([]);
    const without: Vault = { ...untouched, mayBeReal: () => false };
    expect(await obtainDataKey({ dataDir, environment: {}, vault: without, mayMake: false })).toMatchObject({ source: 'key-file' });
  });
});
