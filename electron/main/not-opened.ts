import { DataKeyError } from '../../engine/data-folder/data-key.ts';
import { ForeignFolder } from '../../engine/data-folder/whose-folder.ts';
import { CallError } from '../../shared/rpc/call-error.ts';

/** Why the key of the data could not be had, in the words that the window knows; anything else as it is. */
export function notOpened(error: unknown): unknown {
  if (error instanceof ForeignFolder) return new CallError('data-folder-foreign');
  if (!(error instanceof DataKeyError)) return error;
  switch (error.reason) {
    case 'disk-full': return new CallError('disk-full');
    case 'file-unwritable': return new CallError('data-folder-unwritable');
    default: return new CallError('data-key-unavailable', error.reason);
  }
}
