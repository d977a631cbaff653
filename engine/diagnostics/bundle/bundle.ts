/** @file A support bundle: gathered, shown, and written as a zip. A collector that fails is told of and costs only its own part. */
import { open, rename, rm } from 'node:fs/promises';
import { strToU8, zipSync } from 'fflate';
import { leftOutSchema, type BundlePreview } from '../../../shared/domain/support.ts';
import { isKnownCode } from '../../logging/known-words.ts';
import { collectors as allCollectors, type BundleSources, type Collector } from './collectors.ts';
import { tokenNames, type Names } from './names.ts';

export interface BundleFile {
  path: string;
  bytes: Uint8Array;
  failed: boolean;
}

/** Never rejects. @param names how names of the network are written; tokens of this bundle's own by default */
export async function collectBundle(sources: BundleSources, names: Names = tokenNames(), collectors: readonly Collector[] = allCollectors): Promise<BundleFile[]> {
  const gathered = await Promise.all(collectors.map(async ({ name, path, limitMs, collect }) => {
    const startedAt = sources.clock.monotonic();
    const over = new AbortController();
    const tooSlow = sources.clock.sleep(limitMs, over.signal).then(() => { if (!over.signal.aborted) throw new TooSlow(); return ''; });
    tooSlow.catch(() => undefined);
    let text: string;
    let failure: string | undefined;
    try {
      // A collector that throws before its first wait must not take the others with it either.
      text = await Promise.race([Promise.resolve().then(() => collect(sources, names)), tooSlow.then(() => new Promise<never>(() => undefined))]);
    } catch (error) {
      failure = reasonOf(error);
      text = `${JSON.stringify({ failed: failure })}\n`;
    } finally {
      over.abort();
    }
    return { name, failure, ms: Math.round(sources.clock.monotonic() - startedAt), file: { path, bytes: strToU8(text), failed: failure !== undefined } };
  }));
  const results = gathered.map(({ name, failure, ms, file }) => ({ name, path: file.path, ok: failure === undefined, ms, sizeBytes: file.bytes.length, ...(failure ? { failure } : {}) }));
  return [...gathered.map(({ file }) => file), { path: 'collectors.json', bytes: strToU8(`${JSON.stringify({ collectors: results }, null, 2)}\n`), failed: false }];
}

class TooSlow extends Error {
  override readonly name = 'TooSlow';
}

/** Never its text, which may hold a path. */
function reasonOf(error: unknown): string {
  if (error instanceof TooSlow) return 'too-slow';
  const code = error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.name : typeof error;
  return isKnownCode(code) ? code : 'Error';
}

export function previewOf(files: readonly BundleFile[]): BundlePreview {
  return { files: files.map(({ path, bytes, failed }) => ({ path, sizeBytes: bytes.length, failed })), leftOut: [...leftOutSchema.options] };
}

/**
 * Writes it beside and renames it, so that there is a whole bundle or none.
 *
 * @returns its size in bytes. @throws NodeJS.ErrnoException
 */
export async function writeBundleFile(file: string, files: readonly BundleFile[]): Promise<number> {
  const zip = zipSync(Object.fromEntries(files.map(({ path, bytes }) => [path, bytes])), { level: 6 });
  const partial = `${file}.part`;
  try {
    const handle = await open(partial, 'w', 0o600);
    try {
      await handle.writeFile(zip);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw error;
  }
  return zip.length;
}
