import { createHash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { RecoveredPhoto } from '../../shared/domain/recovered-photo.ts';
import type { PhotoFacts } from '../../shared/domain/upload.ts';
import { makeFolder } from '../data-folder/make-folder.ts';
import { SpoolError, type Spool, type SpoolReader } from './spool.ts';

/** Not allowed in names on some system that the folder may be taken to (Windows, FAT). */
const notInNames = /[<>:"/\\|?*\u0000-\u001f\u007f]/g;
const reservedNames = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * Decrypts every sealed photo into a folder (made where it is missing), under its original name. Needs no database, changes
 * nothing in the spool, and never overwrites a file: what is taken gets a number.
 *
 * @throws Error of the system where the folder cannot be written to or is full: that is not the photos' fault
 */
export async function recoverPhotos(spool: Spool, folder: string, onPhoto: (photo: RecoveredPhoto, done: number, total: number) => void = () => undefined): Promise<RecoveredPhoto[]> {
  await makeFolder(folder);
  const sealed = (await spool.list()).filter((entry) => entry.kind === 'sealed').sort((a, b) => a.modifiedAt - b.modifiedAt);
  const photos: RecoveredPhoto[] = [];
  for (const { id } of sealed) {
    const photo = await recoverOne(spool, id, folder);
    photos.push(photo);
    onPhoto(photo, photos.length, sealed.length);
  }
  return photos;
}

async function recoverOne(spool: Spool, id: string, folder: string): Promise<RecoveredPhoto> {
  let reader: SpoolReader;
  try {
    reader = await spool.open(id);
  } catch (error) {
    return damaged(id, error);
  }
  const temporary = join(folder, `.${id}.partial`);
  try {
    await writePhoto(reader, temporary);
    const file = await nameInPlace(temporary, folder, reader.facts);
    return { outcome: 'recovered', id, file, facts: reader.facts };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    return { ...damaged(id, error), facts: reader.facts };
  } finally {
    await reader.close();
  }
}

function damaged(id: string, error: unknown): Extract<RecoveredPhoto, { outcome: 'damaged' }> {
  if (!(error instanceof SpoolError)) throw error;
  return { outcome: 'damaged', id, reason: error.reason };
}

/** @throws SpoolError `damaged` where what comes out is not what went in. */
async function writePhoto(reader: SpoolReader, path: string): Promise<void> {
  const sha256 = createHash('sha256');
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'w', 0o600);
    for await (const piece of reader.pieces(0, reader.facts.sizeBytes)) {
      sha256.update(piece);
      await file.writeFile(piece);
    }
    await file.sync();
  } finally {
    await file?.close();
  }
  if (sha256.digest('hex') !== reader.facts.sha256) throw new SpoolError('damaged');
}

/** The name is taken first, with an empty file that only we can have made, so that renaming replaces nobody's photo. */
async function nameInPlace(temporary: string, folder: string, facts: PhotoFacts): Promise<string> {
  const name = safeName(facts);
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  for (let turn = 1; ; turn += 1) {
    const file = turn === 1 ? name : `${stem} (${turn})${extension}`;
    try {
      await (await open(join(folder, file), 'wx', 0o600)).close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    }
    await rename(temporary, join(folder, file));
    return file;
  }
}

function safeName({ id, fileName, contentType }: PhotoFacts): string {
  const clean = fileName.replace(notInNames, '_').replace(/^\.+/, '').replace(/[. ]+$/, '');
  // In bytes, since that is what file systems count.
  if (clean === '' || reservedNames.test(clean) || Buffer.byteLength(clean) > 200) return `${id}.${contentType.split('/')[1]}`;
  return clean;
}
