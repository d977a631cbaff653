import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { headerChecksum, keyFrom, keyIdOf } from './spool-crypto.ts';
import { headerBytes, parseHeader } from './spool-format.ts';

/** One of them would do, were none ever damaged. */
const lookedAt = 32;

/**
 * Whether the photos that lie sealed there were sealed under another key. Each says under which, so a wrong key is known for one also where
 * nothing else is left that could tell it from a damaged queue.
 *
 * @returns false where there are none, where none can be read, and where a single one is ours
 */
export async function sealedUnderAnotherKey(dir: string, key: Uint8Array): Promise<boolean> {
  const ours = Buffer.from(keyIdOf(keyFrom(Uint8Array.from(key))));
  const names = (await readdir(dir).catch(() => [])).filter((name) => name.endsWith('.photo')).slice(0, lookedAt);
  let others = 0;
  for (const name of names) {
    const keyId = await readKeyId(join(dir, name)).catch(() => undefined);
    if (keyId && ours.equals(keyId)) return false;
    if (keyId) others += 1;
  }
  return others > 0;
}

async function readKeyId(path: string): Promise<Uint8Array | undefined> {
  const file = await open(path, 'r');
  try {
    const bytes = new Uint8Array(headerBytes);
    const { bytesRead } = await file.read(bytes, 0, headerBytes, 0);
    const parsed = parseHeader(bytes.subarray(0, bytesRead), headerChecksum);
    return parsed.name === 'header' ? parsed.header.keyId : undefined;
  } finally {
    await file.close();
  }
}
