import type { BigIntStats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Rejection, rejectionOf } from './rejection.ts';
import type { SourcePath } from './source.ts';
import { sourceReads, type SourceReads } from './source-reads.ts';

export interface FoundFile {
  path: SourcePath;
  /** For people; a name that is not UTF-8 shows as well as it can. */
  shown: string;
  fileName: string;
  sizeBytes: number;
  /** In a folder and not named like a photo: taken only if its bytes say that it is one, else passed over without a word. */
  onlyIfPhoto: boolean;
}

export type Found =
  | { name: 'file'; root: number; file: FoundFile }
  | { name: 'rejected'; root: number; shown: string; rejection: Rejection }
  | { name: 'folder'; root: number; shown: string };

/** Image files that people may mean, also those that no contract accepts: these are told of rather than passed over. */
const imageName = /\.(jpe?g|jpe|jfif|png|webp|hei[cf]s?|gif|tiff?|bmp|avif|jxl|dng|cr[23]|nef|arw|orf|rw2|raf)$/i;
/** What systems leave behind in folders and on cards; what begins with a dot is hidden anyway. */
const systemNames = new Set(['thumbs.db', 'ehthumbs.db', 'desktop.ini', '__macosx', '@eadir', '$recycle.bin', 'system volume information', 'lost.dir']);
const maxDepth = 64;
const bytewise = process.platform !== 'win32';

/**
 * What there is to be taken in the given files and folders, in their order, folders sorted by name. Links are followed, each
 * folder is visited once. Never rejects: what cannot be read is told as such. `root` is the place in `paths`.
 */
export async function* walk(paths: readonly string[], reads: SourceReads = sourceReads): AsyncGenerator<Found> {
  for (const [root, path] of paths.entries()) {
    const kind = await kindOf(path, reads);
    if (kind.name === 'rejected') yield { name: 'rejected', root, shown: path, rejection: kind.rejection };
    else if (kind.name === 'file') yield { name: 'file', root, file: { path, shown: path, fileName: basename(path), sizeBytes: kind.sizeBytes, onlyIfPhoto: false } };
    else if (kind.name === 'folder') {
      yield { name: 'folder', root, shown: path };
      yield* walkFolder(bytewise ? Buffer.from(path) : path, path, root, new Set([kind.identity]), 0, reads);
    } else yield { name: 'rejected', root, shown: path, rejection: new Rejection('not-a-file') };
  }
}

async function* walkFolder(folder: SourcePath, shownFolder: string, root: number, visited: Set<string>, depth: number, reads: SourceReads): AsyncGenerator<Found> {
  let names: SourcePath[];
  try {
    names = await reads.inTime(folder, () => list(folder));
  } catch (error) {
    yield { name: 'rejected', root, shown: shownFolder, rejection: rejectionOf(error) };
    return;
  }
  for (const name of names) {
    const fileName = name.toString();
    if (fileName.startsWith('.') || systemNames.has(fileName.toLowerCase())) continue;
    const path = joined(folder, name);
    const shown = join(shownFolder, fileName);
    const kind = await kindOf(path, reads);
    const looksLikeImage = imageName.test(fileName);
    if (kind.name === 'file') yield { name: 'file', root, file: { path, shown, fileName, sizeBytes: kind.sizeBytes, onlyIfPhoto: !looksLikeImage } };
    else if (kind.name === 'folder' && !visited.has(kind.identity) && depth < maxDepth) {
      visited.add(kind.identity);
      yield* walkFolder(path, shown, root, visited, depth + 1, reads);
    } else if (kind.name === 'rejected' && looksLikeImage) yield { name: 'rejected', root, shown, rejection: kind.rejection };
  }
}

async function list(folder: SourcePath): Promise<SourcePath[]> {
  if (!bytewise) return (await readdir(folder)).sort();
  return (await readdir(folder, { encoding: 'buffer' })).sort(Buffer.compare);
}

function joined(folder: SourcePath, name: SourcePath): SourcePath {
  if (typeof folder === 'string' || typeof name === 'string') return join(folder.toString(), name.toString());
  return Buffer.concat([folder, Buffer.from('/'), name]);
}

type Kind =
  | { name: 'file'; sizeBytes: number }
  | { name: 'folder'; identity: string }
  /** A pipe, a socket, a device: opening one may block or do things. */
  | { name: 'special' }
  | { name: 'rejected'; rejection: Rejection };

async function kindOf(path: SourcePath, reads: SourceReads): Promise<Kind> {
  let stats: BigIntStats;
  try {
    stats = await reads.inTime(path, () => stat(path, { bigint: true }));
  } catch (error) {
    const isLink = !(error instanceof Rejection) && await reads.inTime(path, () => lstat(path)).then((link) => link.isSymbolicLink(), () => false);
    return { name: 'rejected', rejection: isLink && (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Rejection('dangling-link') : rejectionOf(error) };
  }
  if (stats.isFile()) return { name: 'file', sizeBytes: Number(stats.size) };
  if (stats.isDirectory()) return { name: 'folder', identity: `${stats.dev}:${stats.ino}` };
  return { name: 'special' };
}
