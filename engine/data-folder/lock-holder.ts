/** @file Who has a data folder open. Apart from the lock itself, so that whoever is only told of it need not load the database. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const holderSchema = z.object({
  kind: z.enum(['app', 'cli']),
  pid: z.number().int().positive(),
  /** ISO 8601. */
  since: z.string().max(40),
});
export type LockHolder = z.infer<typeof holderSchema>;

/** Another engine works on this data folder. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';
  /** Absent where the holder has only just begun or could not write who it is. */
  readonly holder: LockHolder | undefined;

  constructor(holder: LockHolder | undefined) {
    super(`the data folder is in use${holder ? ` by ${holder.kind} (process ${holder.pid})` : ''}`);
    this.holder = holder;
  }
}

/** @param file see `DataFolderPaths.lockHolder` */
export async function readHolder(file: string): Promise<LockHolder | undefined> {
  try {
    return holderSchema.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
