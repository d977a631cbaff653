import { randomBytes, randomUUID } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PhotoFacts } from '../../shared/domain/upload.ts';
import { openEncryptedSpool } from './encrypted-spool.ts';
import type { Spool, SpoolReader } from './spool.ts';

const chunkBytes = 1024;
const isRoot = process.getuid?.() === 0;
const canMount = isRoot && process.platform === 'linux' && spawnSync('unshare', ['-m', 'true']).status === 0;
let dir: string;
let key: Uint8Array;
let spool: Spool;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'relevo-spool-'));
  key = randomBytes(32);
  spool = await openEncryptedSpool({ dir, key, chunkBytes });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function factsOf(id: string, sizeBytes: number): PhotoFacts {
  return {
    id, accountId: 'account', patientId: 'patient-7', patientName: 'Ana María Núñez', fileName: 'herida 😀.jpg', contentType: 'image/jpeg',
    sizeBytes, sha256: 'a'.repeat(64), md5: 'b'.repeat(32), note: 'talón izquierdo', tags: ['pie'], addedAt: 1_700_000_000_000,
  };
}

async function sealed(bytes: Uint8Array, id: string = randomUUID()): Promise<string> {
  const writer = await spool.create(id);
  await writer.write(bytes);
  await writer.seal(factsOf(id, bytes.length));
  return id;
}

async function plain(reader: SpoolReader, start: number, end: number): Promise<Uint8Array> {
  return buffer(reader.pieces(start, end));
}

async function readAll(id: string, from: Spool = spool): Promise<Uint8Array> {
  const reader = await from.open(id);
  try {
    return await plain(reader, 0, reader.facts.sizeBytes);
  } finally {
    await reader.close();
  }
}

const fileOf = (id: string): string => join(dir, `${id}.photo`);

describe('what is sealed comes back', () => {
  test('for any size and any pieces it was written in, whole and in any part', async () => {
    await fc.assert(fc.asyncProperty(
      fc.integer({ min: 1, max: 5 * chunkBytes }), fc.array(fc.integer({ min: 1, max: 3 * chunkBytes }), { minLength: 1, maxLength: 8 }),
      fc.nat(), fc.nat(),
      async (size, pieces, a, b) => {
        const bytes = randomBytes(size);
        const id = randomUUID();
        const writer = await spool.create(id);
        const lent = Buffer.alloc(3 * chunkBytes);
        for (let offset = 0, turn = 0; offset < size; turn += 1) {
          const length = Math.min(size - offset, pieces[turn % pieces.length]!);
          bytes.copy(lent, 0, offset, offset + length);
          await writer.write(lent.subarray(0, length));
          lent.fill(0xee);
          offset += length;
        }
        await writer.seal(factsOf(id, size));
        const reader = await spool.open(id);
        const [start, end] = [a % (size + 1), b % (size + 1)].sort((x, y) => x - y) as [number, number];
        expect(Buffer.compare(await plain(reader, start, end), bytes.subarray(start, end))).toBe(0);
        expect(Buffer.compare(await plain(reader, 0, size), bytes)).toBe(0);
        expect(reader.facts).toEqual(factsOf(id, size));
        await reader.close();
      },
    ), { numRuns: 60 });
  });

  test('with the usual chunk size, over several reads from the disk', async () => {
    const usual = await openEncryptedSpool({ dir, key });
    const bytes = randomBytes(9 * 1024 * 1024 + 17);
    const id = randomUUID();
    const writer = await usual.create(id);
    for (let offset = 0; offset < bytes.length; offset += 700_000) await writer.write(bytes.subarray(offset, offset + 700_000));
    await writer.seal(factsOf(id, bytes.length));
    expect(Buffer.compare(await readAll(id, usual), bytes)).toBe(0);
  });

  test('with facts as long as they may be', async () => {
    const id = randomUUID();
    const facts: PhotoFacts = { ...factsOf(id, 3), note: '注'.repeat(2000), tags: Array.from({ length: 20 }, () => 'é'.repeat(100)) };
    const writer = await spool.create(id);
    await writer.write(Buffer.from('abc'));
    await writer.seal(facts);
    const reader = await spool.open(id);
    expect(reader.facts).toEqual(facts);
    await reader.close();
  });

  test('a part outside the photo is refused', async () => {
    const reader = await spool.open(await sealed(randomBytes(100)));
    await expect(plain(reader, 0, 101)).rejects.toThrow(RangeError);
    await expect(plain(reader, -1, 5)).rejects.toThrow(RangeError);
    await reader.close();
  });
});

describe('at rest', () => {
  test('neither the photo nor the name of the patient can be found in the folder', async () => {
    const photo = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe1]), Buffer.from('Exif\0\0 this is a very recognisable photo'), randomBytes(5000)]);
    await sealed(photo);
    const everything = Buffer.concat(readdirSync(dir).map((name) => Buffer.concat([Buffer.from(name), readFileSync(join(dir, name))])));
    for (const secret of [photo.subarray(0, 8), Buffer.from('Exif\0\0'), Buffer.from('recognisable'), Buffer.from('Ana María'), Buffer.from('herida')]) {
      expect(everything.includes(secret)).toBe(false);
    }
  });

  test('the same photo sealed twice has nothing in common', async () => {
    const bytes = randomBytes(3000);
    const [first, second] = [readFileSync(fileOf(await sealed(bytes))), readFileSync(fileOf(await sealed(bytes)))];
    expect(Buffer.compare(first.subarray(64, 1000), second.subarray(64, 1000))).not.toBe(0);
  });

  test.skipIf(process.platform === 'win32')('only the owner may read the folder and the files', async () => {
    const id = await sealed(randomBytes(10));
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(statSync(fileOf(id)).mode & 0o777).toBe(0o600);
  });
});

describe('damage is noticed, whatever it is', () => {
  test('every single changed byte of the file, from the first to the last', async () => {
    const id = await sealed(randomBytes(2 * chunkBytes + 100));
    const good = readFileSync(fileOf(id));
    for (let position = 0; position < good.length; position += position < 80 || position > good.length - 40 ? 1 : 37) {
      const bad = Buffer.from(good);
      bad[position]! ^= 0x20;
      writeFileSync(fileOf(id), bad);
      await expect(readAll(id), `byte ${position}`).rejects.toMatchObject({ name: 'SpoolError', reason: 'damaged' });
    }
  });

  test('every truncation, and bytes added at the end', async () => {
    const id = await sealed(randomBytes(3 * chunkBytes));
    const good = readFileSync(fileOf(id));
    for (let length = good.length - 1; length >= 0; length -= length > good.length - 30 ? 1 : 53) {
      truncateSync(fileOf(id), length);
      await expect(readAll(id), `length ${length}`).rejects.toMatchObject({ reason: 'damaged' });
    }
    writeFileSync(fileOf(id), Buffer.concat([good, Buffer.from('x')]));
    await expect(readAll(id)).rejects.toMatchObject({ reason: 'damaged' });
  });

  test('two chunks of one file swapped, or one taken out with the file closed up', async () => {
    const id = await sealed(randomBytes(4 * chunkBytes));
    const good = readFileSync(fileOf(id));
    const chunk = (number: number): Buffer => good.subarray(64 + number * 1040, 64 + (number + 1) * 1040);
    writeFileSync(fileOf(id), Buffer.concat([good.subarray(0, 64), chunk(1), chunk(0), chunk(2), chunk(3), good.subarray(64 + 4 * 1040)]));
    await expect(readAll(id)).rejects.toMatchObject({ reason: 'damaged' });
    writeFileSync(fileOf(id), Buffer.concat([good.subarray(0, 64), chunk(0), chunk(1), chunk(3), good.subarray(64 + 4 * 1040)]));
    await expect(readAll(id)).rejects.toMatchObject({ reason: 'damaged' });
  });

  test('another photo put under this name, and a chunk of another photo put in the place of one of these', async () => {
    const [first, second] = [await sealed(randomBytes(2 * chunkBytes)), await sealed(randomBytes(2 * chunkBytes))];
    const [a, b] = [readFileSync(fileOf(first)), readFileSync(fileOf(second))];
    writeFileSync(fileOf(first), Buffer.concat([a.subarray(0, 64), b.subarray(64, 64 + 1040), a.subarray(64 + 1040)]));
    await expect(readAll(first)).rejects.toMatchObject({ reason: 'damaged' });
    copyFileSync(fileOf(second), fileOf(first));
    await expect(readAll(first)).rejects.toMatchObject({ reason: 'damaged' });
  });

  test('an undamaged part of a damaged photo can still be read', async () => {
    const bytes = randomBytes(3 * chunkBytes);
    const id = await sealed(bytes);
    const file = readFileSync(fileOf(id));
    file[64 + 1040 + 5]! ^= 1;
    writeFileSync(fileOf(id), file);
    const reader = await spool.open(id);
    expect(Buffer.compare(await plain(reader, 0, chunkBytes), bytes.subarray(0, chunkBytes))).toBe(0);
    await expect(plain(reader, chunkBytes, chunkBytes + 1)).rejects.toMatchObject({ reason: 'damaged' });
    await reader.close();
  });

  test('a wrong key is called that, not damage', async () => {
    const id = await sealed(randomBytes(10));
    const stranger = await openEncryptedSpool({ dir, key: randomBytes(32), chunkBytes });
    await expect(stranger.open(id)).rejects.toMatchObject({ reason: 'wrong-key' });
  });

  test('what is not there is missing, and a name that is no id never reaches the disk', async () => {
    await expect(spool.open(randomUUID())).rejects.toMatchObject({ reason: 'missing' });
    await expect(spool.open('../../etc/passwd')).rejects.toThrow();
    await expect(spool.create('../escape')).rejects.toThrow();
  });
});

describe('entries', () => {
  test('nothing shows until it is sealed; discarding leaves nothing', async () => {
    const id = randomUUID();
    const writer = await spool.create(id);
    await writer.write(randomBytes(5000));
    expect(await spool.list()).toMatchObject([{ id, kind: 'partial' }]);
    await expect(spool.open(id)).rejects.toMatchObject({ reason: 'missing' });
    await writer.discard();
    await writer.discard();
    expect(readdirSync(dir)).toEqual([]);
    await expect(writer.write(Buffer.from('x'))).rejects.toMatchObject({ reason: 'unwritable' });
  });

  test('what a dead process left half written is removed, what this one is writing is not', async () => {
    const mine = await spool.create(randomUUID());
    writeFileSync(join(dir, `${randomUUID()}.partial`), 'half');
    writeFileSync(join(dir, 'notes.txt'), 'not ours');
    const kept = await sealed(randomBytes(5));
    expect(await spool.removePartial()).toBe(1);
    await mine.write(Buffer.from('goes on'));
    await mine.discard();
    expect((await spool.list()).map((entry) => entry.id)).toEqual([kept]);
    expect(readdirSync(dir)).toContain('notes.txt');
  });

  test('facts of other bytes are not sealed', async () => {
    const id = randomUUID();
    const writer = await spool.create(id);
    await writer.write(randomBytes(10));
    await expect(writer.seal(factsOf(id, 11))).rejects.toThrow(/facts/);
    await expect(writer.seal(factsOf(randomUUID(), 10))).rejects.toThrow(/facts/);
    await writer.discard();
  });

  test('a sealed entry is never written over', async () => {
    const id = await sealed(randomBytes(10));
    await expect(spool.create(id)).rejects.toMatchObject({ reason: 'unwritable' });
  });

  test('removing destroys the file, and removing again is fine', async () => {
    const id = await sealed(randomBytes(10));
    await spool.remove(id);
    await spool.remove(id);
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('a disk that does not play along', () => {
  test.skipIf(!canMount)('a full disk is told, and leaves room again once discarded', async () => {
    const small = mkdtempSync(join(tmpdir(), 'relevo-small-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
    try {
      const tight = await openEncryptedSpool({ dir: join(small, 'spool'), key });
      const id = randomUUID();
      const writer = await tight.create(id);
      await expect((async () => {
        for (let turn = 0; turn < 4; turn += 1) await writer.write(randomBytes(512 * 1024));
        await writer.seal(factsOf(id, 4 * 512 * 1024));
      })()).rejects.toMatchObject({ name: 'SpoolError', reason: 'disk-full' });
      await writer.discard();
      expect(await tight.list()).toEqual([]);
      const little = await tight.create(randomUUID());
      await little.write(randomBytes(100 * 1024));
      await little.discard();
    } finally {
      execFileSync('umount', [small]);
      rmSync(small, { recursive: true });
    }
  });

  test.skipIf(process.platform === 'win32')('a file system that takes no more than so much of one file counts as full', () => {
    const script = `
      import { openEncryptedSpool } from ${JSON.stringify(join(import.meta.dirname, 'encrypted-spool.ts'))};
      process.on('SIGXFSZ', () => {});
      const spool = await openEncryptedSpool({ dir: ${JSON.stringify(dir)}, key: new Uint8Array(32) });
      const writer = await spool.create(crypto.randomUUID());
      try { for (;;) await writer.write(new Uint8Array(512 * 1024)); } catch (error) { console.log(error.name, error.reason); }
      await writer.discard();`;
    const told = execFileSync('sh', ['-c', 'ulimit -f 2048; exec "$0" --input-type=module -e "$1"', process.execPath, script], { encoding: 'utf8' });
    expect(told.trim()).toBe('SpoolError disk-full');
  });

  test.skipIf(process.platform === 'win32')('a folder that cannot be written is told', async () => {
    if (isRoot) {
      // Root may write anywhere but in the place of a folder that is gone.
      rmSync(dir, { recursive: true });
      writeFileSync(dir, '');
    } else {
      chmodSync(dir, 0o500);
    }
    await expect(spool.create(randomUUID())).rejects.toMatchObject({ name: 'SpoolError', reason: 'unwritable' });
    if (!isRoot) chmodSync(dir, 0o700);
  });
});
