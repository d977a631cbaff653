import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { IngestOutcome } from '../../shared/domain/ingest.ts';
import { makePhoto, privateExif, writePhotos } from '../../test-support/photos.ts';
import { limits, setUp, summary, type Setup } from './ingest-setup-for-tests.ts';

let it: Setup;
beforeEach(async () => { it = await setUp(); });
afterEach(() => it.tearDown());

/** For tests that move hundreds of megabytes, on machines that have other work. */
const patience = 120_000;
const small = { width: 96, height: 72 };
const idOf = (outcome: IngestOutcome | undefined): string => {
  if (!outcome || outcome.outcome === 'rejected') throw new Error(`not taken: ${JSON.stringify(outcome)}`);
  return outcome.id;
};
const write = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(it.sources, name), bytes);
  return join(it.sources, name);
};

describe('a photo that is queued', () => {
  test('is sealed byte for byte, with its digests, its date and what the nurse wrote, and has its row', async () => {
    const bytes = await makePhoto({ seed: 1, sizeBytes: 3_500_000 });
    const path = write('IMG_0001.JPG', bytes);
    const [outcome] = await it.ingest.addFiles({ ...it.request, note: 'talón', tags: ['pie', 'semana 2'], priority: 'high', paths: [path] }, () => undefined);
    expect(outcome).toEqual({ file: path, outcome: 'queued', id: expect.any(String) as string, sizeBytes: 3_500_000 });
    const record = it.store.get(idOf(outcome));
    expect(record).toMatchObject({
      state: { name: 'queued' }, priority: 'high',
      facts: {
        accountId: 'nurse', patientId: 'patient-7', patientName: 'Ana María Núñez', fileName: 'IMG_0001.JPG', contentType: 'image/jpeg', sizeBytes: 3_500_000,
        sha256: createHash('sha256').update(bytes).digest('hex'), md5: createHash('md5').update(bytes).digest('hex'),
        capturedAt: '2026-03-14T09:26:53+01:00', note: 'talón', tags: ['pie', 'semana 2'],
      },
    });
    expect(Buffer.compare(await it.plain(idOf(outcome)), bytes)).toBe(0);
    const reader = await it.spool.open(idOf(outcome));
    expect(reader.facts).toEqual(record?.facts);
    await reader.close();
  });

  test('may be a PNG, a WebP, progressive, without EXIF, with bytes after its end, or of sixty megapixels', async () => {
    const jpeg = await makePhoto({ seed: 1, ...small });
    const paths = [
      write('a.png', await makePhoto({ seed: 2, format: 'png', ...small })),
      write('b.webp', await makePhoto({ seed: 3, format: 'webp', ...small })),
      write('c.jpg', await makePhoto({ seed: 4, progressive: true, ...small })),
      write('d.jpg', await makePhoto({ seed: 5, exif: false, ...small })),
      write('e.jpg', Buffer.concat([jpeg, Buffer.from('appended by the camera maker')])),
      write('f.jpg', await makePhoto({ seed: 6, width: 9000, height: 6667 })),
      write('really a jpeg.txt', await makePhoto({ seed: 7, ...small })),
    ];
    const outcomes = await it.add(...paths);
    expect(outcomes.map((one) => one.outcome)).toEqual(paths.map(() => 'queued'));
    expect(it.store.get(idOf(outcomes[4]))?.facts.sizeBytes).toBe(jpeg.length + 28);
    expect(it.store.get(idOf(outcomes[6]))?.facts.contentType).toBe('image/jpeg');
  }, patience);

  test('can be pasted instead of coming from a file', async () => {
    const bytes = await makePhoto({ seed: 9, format: 'png', ...small });
    const outcome = await it.ingest.addBytes({ ...it.request, fileName: 'pegado.png', bytes });
    expect(it.store.get(idOf(outcome))?.facts).toMatchObject({ fileName: 'pegado.png', contentType: 'image/png' });
    expect(Buffer.compare(await it.plain(idOf(outcome)), bytes)).toBe(0);
    expect(await it.ingest.addBytes({ ...it.request, fileName: 'x', bytes: new Uint8Array() })).toMatchObject({ outcome: 'rejected', code: 'empty' });
    expect(await it.ingest.addBytes({ ...it.request, fileName: 'again.png', bytes })).toMatchObject({ outcome: 'duplicate', id: idOf(outcome) });
  });

  test('leaves nothing readable in the data folder', async () => {
    const photo = await makePhoto({ seed: 1, sizeBytes: 900_000, exif: privateExif });
    const path = write('herida de Ana.jpg', photo);
    await it.ingest.addFiles({ ...it.request, note: 'una nota', paths: [path] }, () => undefined);
    const names = readdirSync(it.data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(names.length).toBeGreaterThan(2);
    for (const entry of names) {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      // Long enough not to be met by chance in a megabyte of ciphertext.
      expect(bytes.includes(photo.subarray(0, 8)), entry.name).toBe(false);
      for (const secret of ['Exif\0\0', 'SN-0042', 'SQLite format', 'CREATE TABLE', 'Ana María', 'Núñez', 'herida', 'una nota', 'patient-7']) expect(bytes.includes(secret), `${entry.name}: ${secret}`).toBe(false);
    }
  });
});

describe('names', () => {
  test.each([
    'niña 😀👩‍⚕️.jpg', `it's "quoted" \`here\`.jpg`, 'two\nlines\tand tab.jpg', `${'ñ'.repeat(125)}.jpg`, '-rf *.jpg', ' leading and trailing .jpg ', '..jpg',
  ])('%j are kept as they are', async (name) => {
    const path = write(name, await makePhoto({ seed: name, ...small }));
    const [given] = await it.add(path);
    expect(given).toMatchObject({ file: path, outcome: 'queued' });
    expect(it.store.get(idOf(given))?.facts.fileName).toBe(name);
  });

  test.skipIf(process.platform !== 'linux')('that are not UTF-8 are read all the same', async () => {
    const bytes = await makePhoto({ seed: 1, ...small });
    writeFileSync(Buffer.concat([Buffer.from(`${it.sources}/caf`), Buffer.from([0xe9]), Buffer.from('.jpg')]), bytes);
    const [outcome] = await it.add(it.sources);
    expect(it.store.get(idOf(outcome))?.facts.fileName).toBe('caf\ufffd.jpg');
  });
});

describe('the same photo again', () => {
  test('is told and not queued twice: in one batch, later, and under another name', async () => {
    const bytes = await makePhoto({ seed: 1, sizeBytes: 1_200_000 });
    const first = await it.add(write('a.jpg', bytes), write('b.jpg', bytes), write('c.jpg', bytes));
    expect(first.map((one) => one.outcome).sort()).toEqual(['duplicate', 'duplicate', 'queued']);
    expect(new Set(first.map(idOf)).size).toBe(1);
    const [later] = await it.add(write('d.jpg', bytes));
    expect(later).toEqual({ file: join(it.sources, 'd.jpg'), outcome: 'duplicate', id: idOf(first[0]) });
    expect((await it.spool.list()).map((entry) => entry.kind)).toEqual(['sealed']);
    expect(it.store.counts().queued).toBe(1);
  });

  test('is another one for another patient or another nurse, or where the first was cancelled', async () => {
    const path = write('a.jpg', await makePhoto({ seed: 1, ...small }));
    const [first] = await it.add(path);
    const add = async (change: object) => (await it.ingest.addFiles({ ...it.request, ...change, paths: [path] }, () => undefined))[0];
    expect(await add({ patientId: 'patient-8' })).toMatchObject({ outcome: 'queued' });
    expect(await add({ accountId: 'other nurse' })).toMatchObject({ outcome: 'queued' });
    it.store.commit(idOf(first), { state: { name: 'cancelled' } }, []);
    expect(await add({})).toMatchObject({ outcome: 'queued' });
  });
});

describe('many at once', () => {
  test('forty photos of four megabytes are safe well before half a minute is over, told as they go', async () => {
    const written = await writePhotos(it.sources, 40, { seed: 'forty', sizeOf: () => 4_000_000, ...small });
    const begun = performance.now();
    const outcomes = await it.add(it.sources);
    expect(performance.now() - begun).toBeLessThan(30_000);
    expect(summary(outcomes)).toEqual(written.map((photo) => `${photo.fileName} queued`));
    expect(outcomes.map((one) => it.store.get(idOf(one))?.facts.sha256)).toEqual(written.map((photo) => photo.sha256));
    const last = it.progress.at(-1);
    expect(last).toMatchObject({ total: 40, done: 40, bytesDone: 160_000_000, finished: true });
    expect(it.progress.filter((one) => one.finished)).toHaveLength(1);
    expect(it.progress.flatMap((one) => one.outcomes)).toHaveLength(40);
    for (const [index, one] of it.progress.entries()) expect(one.done).toBeGreaterThanOrEqual(it.progress[index - 1]?.done ?? 0);
  }, patience);

  test('a thousand files, one of them bad, with no more than ten announcements a second', async () => {
    const photo = await makePhoto({ seed: 1, ...small });
    for (let index = 0; index < 1000; index += 1) writeFileSync(join(it.sources, `${String(index).padStart(4, '0')}.jpg`), Buffer.concat([photo, Buffer.from(`${index}`)]));
    writeFileSync(join(it.sources, '0500.jpg'), 'not a photo');
    const begun = performance.now();
    const outcomes = await it.add(it.sources);
    const seconds = (performance.now() - begun) / 1000;
    expect(summary(outcomes).filter((line) => !line.endsWith('queued'))).toEqual(['0500.jpg rejected not-an-image']);
    expect(it.store.counts().queued).toBe(999);
    expect(it.progress.length).toBeLessThanOrEqual(seconds * 10 + 2);
    expect(it.progress.at(-1)).toMatchObject({ total: 1000, done: 1000, finished: true });
  }, patience);

  test('a limit of the contract in force is kept to the byte', async () => {
    const exact = write('exact.jpg', await makePhoto({ seed: 1, sizeBytes: limits.maxFileBytes, ...small }));
    const over = write('over.jpg', await makePhoto({ seed: 2, sizeBytes: limits.maxFileBytes + 1, ...small }));
    const outcomes = await it.add(exact, over);
    expect(outcomes).toMatchObject([
      { outcome: 'queued' }, { outcome: 'rejected', code: 'too-large', sizeBytes: limits.maxFileBytes + 1, limitBytes: limits.maxFileBytes },
    ]);
  });
});

describe('where the server keeps one photo of each patient, or may', () => {
  test.each([['gateway-photo', { ...limits, contract: 'gateway-photo' as const }], ['not known', undefined]])('photos come into the queue in the order given, whatever their sizes (%s)', async (_name, present) => {
    it.tearDown();
    it = await setUp({ limits: () => present });
    const given: string[] = [];
    for (const [name, sizeBytes] of [['d.jpg', 4_500_000], ['c.jpg', 3_000_000], ['b.jpg', 900_000], ['a.jpg', 20_000]] as const) {
      given.push(write(name, await makePhoto({ seed: `${name} in order`, sizeBytes, ...small })));
    }
    await it.add(...given);
    const names = () => it.store.page({ filter: 'all', limit: 10 }).records.map(({ facts }) => facts.fileName).toReversed();
    expect(names()).toEqual(['d.jpg', 'c.jpg', 'b.jpg', 'a.jpg']);
  }, patience);
});
