import type { EngineImplementation } from '../shared/engine-contract.ts';
import { CallError } from '../shared/rpc/call-error.ts';
import { DatabaseError, type DatabaseErrorReason } from './queue/database-error.ts';
import type { CallErrorCode } from '../shared/rpc/call-error.ts';

/** What a database error is to whoever asked for something: a code that there are words for. */
export function callErrorCodeOf(reason: DatabaseErrorReason): CallErrorCode {
  switch (reason) {
    case 'disk-full': return 'disk-full';
    case 'unwritable': return 'data-folder-unwritable';
    case 'damaged': return 'database-damaged';
    case 'wrong-key': return 'database-wrong-key';
    case 'newer-version': return 'database-newer-version';
    case 'in-use': case 'unknown': return 'internal';
  }
}

/** The same calls; what the disk or the database does not play along with is told as such, and not as something unexpected. */
export function callsOnADisk(calls: EngineImplementation): EngineImplementation {
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, async (input: unknown): Promise<unknown> => {
    try {
      return await (call as (value: unknown) => unknown)(input);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      const code = callErrorCodeOf(error.reason);
      throw code === 'internal' ? error : new CallError(code);
    }
  }])) as unknown as EngineImplementation;
}
