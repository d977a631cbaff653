import { SpoolError, type SpoolErrorReason } from './spool.ts';

/** EFBIG is what a file system (FAT: 4 GiB) or a limit on the process says where there is room on the disk, but not for this. */
const diskFull = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** What the system says when writing or reading the spool, as the product distinguishes it. */
export function spoolError(error: unknown, doing: 'writing' | 'reading'): SpoolError {
  if (error instanceof SpoolError) return error;
  return new SpoolError(reasonOf((error as NodeJS.ErrnoException | undefined)?.code, doing), { cause: error });
}

function reasonOf(code: string | undefined, doing: 'writing' | 'reading'): SpoolErrorReason {
  if (code !== undefined && diskFull.has(code)) return 'disk-full';
  if (doing === 'reading') return code === 'ENOENT' ? 'missing' : 'unreadable';
  return 'unwritable';
}
