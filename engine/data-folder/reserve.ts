import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskSpace } from './data-folder.ts';

/** Some hundred steps of uploads, until the first photos that arrive make room by themselves. */
export const reserveBytes = 4 * 1024 * 1024;
/** It is only taken from a disk that does not feel it. */
const takenFrom = 8 * reserveBytes;

/**
 * [Note: the reserve] On a disk without a single free byte the queue cannot even be opened, so nothing could be sent, and the sealed photos
 * would keep filling the disk that they wait on. So a small file is kept that holds nothing, and given up when the queue does not open for
 * want of room. It comes back once there is room again.
 *
 * Best effort: without it the disk is told to be full, and somebody has to make room.
 */
export async function keepReserve(file: string): Promise<void> {
  const partial = `${file}.${process.pid}.partial`;
  try {
    if (await stat(file).then(({ size }) => size === reserveBytes, () => false)) return;
    if ((await diskSpace(dirname(file))).freeBytes < takenFrom) return;
    const handle = await open(partial, 'w', 0o600);
    try {
      await handle.writeFile(nothing());
    } finally {
      await handle.close();
    }
    await rename(partial, file);
  } catch {
    await rm(partial, { force: true }).catch(() => undefined);
  }
}

/**
 * Nothing that a file system could make much smaller, and nothing that whoever looks through the folder could take for something: no letter
 * of a name, no beginning of a picture (JPEG's FF, PNG's 89).
 */
function nothing(): Buffer {
  const bytes = randomBytes(reserveBytes);
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]! | 0x80;
    bytes[at] = byte === 0xff || byte === 0x89 ? 0x80 : byte;
  }
  return bytes;
}

/** Makes room for the queue. Fine if there is none. */
export function giveReserveUp(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Then the disk stays as full as it is, which is told.
  }
}
