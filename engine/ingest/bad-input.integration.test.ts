import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makePhoto } from '../../test-support/photos.ts';
import { UploadQueue } from '../queue/upload-queue.ts';
import type { Spool, SpoolWriter } from '../spool/spool.ts';
import { limits, setUp, summary, type Setup } from './ingest-setup-for-tests.ts';

let it: Setup;
let good: Buffer;
beforeEach(async () => {
  it = await setUp();
  good = await makePhoto({ seed: 'good', width: 96, height: 72 });
});
afterEach(() => it.tearDown());

const isRoot = process.getuid?.() === 0;
const posix = process.platform !== 'win32';
const at = (...names: string[]): string => join(it.sources, ...names);
const write = (name: string, bytes: Uint8Array | string): string => { writeFileSync(at(name), bytes); return at(name); };
const nothingLeft = async (sealed = 0): Promise<void> => {
  expect((await it.spool.list()).map((entry) => entry.kind)).toEqual(Array.from({ length: sealed }, () => 'sealed'));
  expect(it.store.counts().queued).toBe(sealed);
};

describe('a bad file is told by its reason and touches nothing else', () => {
  test('empty, no image despite its name, a kind not accepted, not there', async () => {
    const outcomes = await it.add(
      write('empty.jpg', ''), write('good.jpg', good), write('letter.jpg', 'Dear colleague'), write('anim.gif', 'GIF89a......'),
      write('phone.heic', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')), at('nowhere.jpg'),
    );
    expect(summary(outcomes)).toEqual([
      'empty.jpg rejected empty', 'good.jpg queued', 'letter.jpg rejected not-an-image', 'anim.gif rejected type-not-accepted',
      'phone.heic rejected type-not-accepted', 'nowhere.jpg rejected not-found',
    ]);
    expect(outcomes[4]).toMatchObject({ detail: 'image/heic' });
    await nothingLeft(1);
  });

  test.skipIf(!posix)('dangling links and links in a circle; a link to a photo is the photo', async () => {
    write('good.jpg', good);
    symlinkSync(at('gone.jpg'), at('dangling.jpg'));
    symlinkSync(at('circle.jpg'), at('circle.jpg'));
    symlinkSync(at('good.jpg'), at('link.jpg'));
    expect(summary(await it.add(at('dangling.jpg'), at('circle.jpg'), at('link.jpg')))).toEqual([
      'dangling.jpg rejected dangling-link', 'circle.jpg rejected dangling-link', 'link.jpg queued',
    ]);
  });

  test.skipIf(!posix)('a pipe, a socket and a device are not even opened', async () => {
    execFileSync('mkfifo', [at('pipe.jpg')]);
    const server = createServer();
    await new Promise<void>((resolve) => { server.listen(at('socket.jpg'), resolve); });
    const outcomes = await it.add(at('pipe.jpg'), at('socket.jpg'), '/dev/zero', write('good.jpg', good));
    server.close();
    expect(summary(outcomes)).toEqual(['pipe.jpg rejected not-a-file', 'socket.jpg rejected not-a-file', 'zero rejected not-a-file', 'good.jpg queued']);
  });

  test.skipIf(!posix)('a pipe that takes a file\'s place after it was looked at does not hold anything up', async () => {
    const { openFileSource } = await import('./source.ts');
    execFileSync('mkfifo', [at('pipe.jpg')]);
    await expect(openFileSource(at('pipe.jpg'))).rejects.toMatchObject({ code: 'not-a-file' });
  });

  test.skipIf(!posix || (isRoot && spawnSync('setpriv', ['--version']).status !== 0))('what may not be read is told as unreadable', async () => {
    const path = write('secret.jpg', good);
    chmodSync(path, 0o000);
    chmodSync(it.root, 0o755);
    // Root may read everything, so the one who tries is nobody.
    const script = `
      const { openFileSource } = await import(${JSON.stringify(join(import.meta.dirname, 'source.ts'))});
      await openFileSource(${JSON.stringify(path)}).catch((error) => console.log(error.code, error.detail));`;
    const node = [process.execPath, '--input-type=module', '-e', script];
    const command = isRoot ? ['setpriv', '--inh-caps=-all', '--bounding-set=-all', '--', ...node] : node;
    expect(execFileSync(command[0]!, command.slice(1), { encoding: 'utf8' }).trim()).toBe('unreadable EACCES');
  });
});

describe('a source that changes under our hands', () => {
  /** Does something to the source the moment its first bytes have been sealed. */
  async function whileReading(path: string, change: () => void): Promise<string[]> {
    const { spool } = it;
    let changed = false;
    const meddling: Spool = {
      ...bound(spool),
      create: async (id) => {
        const writer = await spool.create(id);
        return { ...bound(writer), write: async (bytes: Uint8Array) => { await writer.write(bytes); if (!changed) { changed = true; change(); } } } satisfies SpoolWriter;
      },
    };
    const { createIngest } = await import('./ingest.ts');
    const { systemClock } = await import('../clock.ts');
    const { systemRandom } = await import('../random.ts');
    const { silentLogger } = await import('../logging/logger.ts');
    const ingest = createIngest({ spool: meddling, queue: new UploadQueue(it.store), clock: systemClock, random: systemRandom, log: silentLogger, limits: () => limits, removeLocation: () => true, diskFree: async () => 1e15 });
    return summary(await ingest.addFiles({ ...it.request, paths: [path] }, () => undefined));
  }

  const large = (): Promise<Buffer> => makePhoto({ seed: 'large', sizeBytes: 4_000_000, width: 96, height: 72 });

  test('grown, cut short or written over is refused, and nothing of it stays', async () => {
    const path = write('copying.jpg', await large());
    expect(await whileReading(path, () => appendFileSync(path, 'more'))).toEqual(['copying.jpg rejected changed-while-reading']);
    expect(await whileReading(path, () => truncateSync(path, 1_000_000))).toEqual(['copying.jpg rejected changed-while-reading']);
    expect(await whileReading(path, () => utimesSync(path, 1, 1))).toEqual(['copying.jpg rejected changed-while-reading']);
    await nothingLeft();
  });

  test('grown beyond the limit while it is read is refused as too large', async () => {
    const path = write('copying.jpg', await large());
    expect(await whileReading(path, () => appendFileSync(path, Buffer.alloc(limits.maxFileBytes)))).toEqual(['copying.jpg rejected too-large']);
    await nothingLeft();
  });

  test.skipIf(!posix)('a name that is taken away while its bytes are still readable costs nothing', async () => {
    const path = write('moved.jpg', await large());
    expect(await whileReading(path, () => rmSync(path))).toEqual(['moved.jpg queued']);
  });
});

describe('folders', () => {
  test('are walked, in order; what is hidden or no photo is passed over, what should be one is told', async () => {
    mkdirSync(at('DCIM', '100CANON'), { recursive: true });
    mkdirSync(at('.Trashes'));
    mkdirSync(at('empty'));
    const other = await Promise.all([1, 2, 3].map((seed) => makePhoto({ seed, width: 96, height: 72 })));
    write('b.jpg', good);
    write('DCIM/100CANON/IMG_1.JPG', other[0]!);
    write('DCIM/100CANON/no extension', other[1]!);
    write('DCIM/100CANON/MVI_2.MP4', Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42', 'latin1'));
    write('DCIM/100CANON/._IMG_1.JPG', 'AppleDouble');
    write('DCIM/Thumbs.db', 'x');
    write('.Trashes/deleted.jpg', other[2]!);
    write('notes.txt', 'hello');
    write('broken.jpg', '');
    expect(summary(await it.add(it.sources))).toEqual(['IMG_1.JPG queued', 'no extension queued', 'b.jpg queued', 'broken.jpg rejected empty']);
    expect(it.progress.at(-1)).toMatchObject({ total: 4, done: 4, finished: true });
  });

  test('without photos are told as such, each by itself', async () => {
    mkdirSync(at('empty'));
    mkdirSync(at('letters', 'deeper'), { recursive: true });
    write('letters/deeper/a.txt', 'x');
    mkdirSync(at('photos'));
    write('photos/a.jpg', good);
    expect(summary(await it.add(at('empty'), at('photos'), at('letters')))).toEqual([
      'empty rejected no-photos-in-folder', 'a.jpg queued', 'letters rejected no-photos-in-folder',
    ]);
  });

  test.skipIf(!posix)('that lead back into themselves end, and pipes and dangling links inside hold nothing up', async () => {
    mkdirSync(at('a', 'b'), { recursive: true });
    symlinkSync(at('a'), at('a', 'b', 'back'));
    symlinkSync(at('gone.jpg'), at('a', 'lost.jpg'));
    symlinkSync(at('gone'), at('a', 'lost'));
    execFileSync('mkfifo', [at('a', 'pipe.jpg')]);
    write('a/b/photo.jpg', good);
    linkSync(at('a', 'b', 'photo.jpg'), at('a', 'same.jpg'));
    const told = summary(await it.add(at('a')));
    expect(told.filter((line) => !line.includes('photo.jpg') && !line.includes('same.jpg'))).toEqual(['lost.jpg rejected dangling-link']);
    expect(told.filter((line) => line.endsWith('queued'))).toHaveLength(1);
    expect(told.filter((line) => line.endsWith('duplicate'))).toHaveLength(1);
  });
});

describe('the disk', () => {
  test('what cannot fit is refused before anything is written, all of it', async () => {
    it.tearDown();
    it = await setUp({ diskFree: async () => 128 * 1024 * 1024 + good.length + 10 });
    const paths = [write('a.jpg', good), write('b.jpg', await makePhoto({ seed: 2, width: 96, height: 72 })), write('c.jpg', '')];
    expect(summary(await it.add(...paths))).toEqual(['a.jpg rejected disk-full', 'b.jpg rejected disk-full', 'c.jpg rejected empty']);
    await nothingLeft();
    expect(summary(await it.add(paths[0]!))).toEqual(['a.jpg queued']);
  });

  test('a spool that is gone is told, and the next batch finds it again', async () => {
    const path = write('a.jpg', good);
    rmSync(join(it.data, 'spool'), { recursive: true });
    expect(summary(await it.add(path))).toEqual(['a.jpg rejected spool-unwritable']);
    mkdirSync(join(it.data, 'spool'));
    expect(summary(await it.add(path))).toEqual(['a.jpg queued']);
  });
});

/** The methods of an object of a class, to be spread. */
function bound<T extends object>(target: T): T {
  return new Proxy(target, {
    ownKeys: () => Object.getOwnPropertyNames(Object.getPrototypeOf(target)).filter((name) => name !== 'constructor'),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    get: (_, name) => { const value: unknown = Reflect.get(target, name, target); return typeof value === 'function' ? value.bind(target) as unknown : value; },
  });
}
