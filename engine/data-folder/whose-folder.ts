import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder holds what is not ours: it would be closed to whoever uses it, and our files would lie among theirs. */
export class ForeignFolder extends Error {
  override readonly name = 'ForeignFolder';
  readonly directory: string;

  constructor(directory: string) {
    super('the folder holds what is not ours');
    this.directory = directory;
  }
}

/** What only a data folder holds. */
const marks = /^(queue\.db|lock\.db|data\.key$|key\.sealed$)/;
/** What may be there before these: made first when a beginning was cut short, put there by the window, the sandbox or the system. */
const neutral = /^(spool|logs|window|socket|sandbox|reserve.*|lock\.json.*|data\.key\..*|key\.sealed\..*|lost\+found|\.DS_Store|desktop\.ini|thumbs\.db)$/i;

/**
 * A folder that somebody names becomes ours, and closed to all others, only where it is empty, or a data folder already.
 * One that cannot be looked into is for whoever writes there to tell of.
 *
 * @throws ForeignFolder
 */
export async function assertNotForeign(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  if (names.some((name) => marks.test(name)) || names.every((name) => neutral.test(name))) return;
  if (await holdsSealedPhotos(directory)) return;
  throw new ForeignFolder(directory);
}

/** Whether anything there was written under a key. */
export async function holdsSealedData(directory: string): Promise<boolean> {
  return await stat(join(directory, 'queue.db')).then(({ size }) => size > 0, () => false) || holdsSealedPhotos(directory);
}

/** Whether photos wait there. What may be ours and cannot be looked into counts as none. */
async function holdsSealedPhotos(directory: string): Promise<boolean> {
  return (await readdir(join(directory, 'spool')).catch(() => [])).some((name) => /^[0-9a-f-]{36}\.photo$/.test(name));
}
