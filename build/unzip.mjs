/**
 * @file Unpacks a zip with Node alone: neither `unzip` nor Python need be on a clinic's or a newcomer's machine, and the entries of a
 * runtime are too large to hold in memory. Format: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16; no ZIP64, no encryption.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, open } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {number} method
 * @property {number} packedSize bytes
 * @property {number} size bytes
 * @property {number} mode Unix permissions, 0 if the archive has none
 * @property {number} offset of the entry's local header
 */

/**
 * @param {Buffer} directory
 * @param {number} count
 * @returns {Entry[]}
 */
function parseDirectory(directory, count) {
  const entries = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (directory.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error('The zip’s directory is damaged');
    const nameLength = directory.readUInt16LE(at + 28);
    entries.push({
      method: directory.readUInt16LE(at + 10),
      packedSize: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      mode: directory.readUInt16LE(at + 40) & 0o777,
      offset: directory.readUInt32LE(at + 42),
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/**
 * Unpacks `zipPath` into `folder`.
 * @param {string} zipPath
 * @param {string} folder
 * @param {(name: string) => string | undefined} place where an entry goes, relative to `folder`; undefined leaves it out
 * @returns {Promise<number>} files written
 * @throws if the archive is damaged, or an entry would land outside `folder`
 */
export async function unzip(zipPath, folder, place) {
  const file = await open(zipPath);
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, 22 + 0xffff));
    await file.read(tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
    if (end < 0 || tail.readUInt32LE(end) !== END_OF_DIRECTORY) throw new Error(`${zipPath} is not a whole zip`);
    const directory = Buffer.alloc(tail.readUInt32LE(end + 12));
    await file.read(directory, 0, directory.length, tail.readUInt32LE(end + 16));

    let written = 0;
    for (const entry of parseDirectory(directory, tail.readUInt16LE(end + 10))) {
      const relative = entry.name.endsWith('/') ? undefined : place(entry.name);
      if (relative === undefined) continue;
      const target = join(folder, relative);
      if (!target.startsWith(resolve(folder) + sep)) throw new Error(`The zip’s entry ${entry.name} points outside its folder`);
      if (entry.method !== STORED && entry.method !== DEFLATED) throw new Error(`The zip’s entry ${entry.name} is packed in an unknown way`);
      await mkdir(dirname(target), { recursive: true });
      const local = Buffer.alloc(30);
      await file.read(local, 0, 30, entry.offset);
      const start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
      const output = createWriteStream(target);
      if (entry.packedSize === 0) {
        await new Promise((done) => output.end(done));
      } else {
        const packed = createReadStream(zipPath, { start, end: start + entry.packedSize - 1, highWaterMark: 1 << 20 });
        await (entry.method === STORED ? pipeline(packed, output) : pipeline(packed, createInflateRaw({ chunkSize: 1 << 20 }), output));
      }
      if (output.bytesWritten !== entry.size) throw new Error(`The zip’s entry ${entry.name} is cut short`);
      if (entry.mode) await chmod(target, entry.mode);
      written++;
    }
    return written;
  } finally {
    await file.close();
  }
}
