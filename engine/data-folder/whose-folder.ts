import { readdir, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** The folder holds what is not ours and is others' too: it would be closed to whoever uses it, or they could put theirs in the place of ours. */
export class ForeignFolder extends Error {
  override readonly name = 'ForeignFolder';
  readonly directory: string;

  constructor(directory: string) {
    super('the folder is used by others');
    this.directory = directory;
  }
}

/** What only a data folder holds. */
const marks = /^(queue\.db|lock\.db|data\.key$|key\.sealed$)/;
/** What may be there before these: made first when a beginning was cut short, put there by the window, the sandbox or the system. */
const neutral = /^(spool|logs|window|socket|sandbox|reserve.*|lock\.json.*|data\.key\..*|key\.sealed\..*|lost\+found|\.DS_Store|desktop\.ini|thumbs\.db)$/i;

/**
 * A folder that somebody names becomes ours, and closed to all others, only where it is empty, or holds what is ours alone. Beside files
 * of the person's own we lie as guests: the folder stays as open as it is, and what we put there is closed by itself. Where others own
 * the folder or may write to it, such as a system's temporary folder, nothing of ours is put. One that cannot be looked into is for
 * whoever writes there to tell of.
 *
 * @throws ForeignFolder
 */
export async function whoseFolder(directory: string): Promise<'ours' | 'shared'> {
  const names = await readdir(directory).catch(() => []);
  if (names.every((name) => marks.test(name) || neutral.test(name))) return 'ours';
  const { uid, mode } = await stat(directory);
  const byOthers = process.platform !== 'win32' && (uid !== userInfo().uid || (mode & 0o022) !== 0);
  if (byOthers) throw new ForeignFolder(directory);
  return 'shared';
}

/** Whether anything there was written under a key. */
export async function holdsSealedData(directory: string): Promise<boolean> {
  return await stat(join(directory, 'queue.db')).then(({ size }) => size > 0, () => false) || holdsSealedPhotos(directory);
}

/** Whether photos wait there. What may be ours and cannot be looked into counts as none. */
async function holdsSealedPhotos(directory: string): Promise<boolean> {
  return (await readdir(join(directory, 'spool')).catch(() => [])).some((name) => /^[0-9a-f-]{36}\.photo$/.test(name));
}
