import type { RejectionCode } from '../../shared/domain/ingest.ts';

/** One file is not taken; the reason is a code, and the others go on. */
export class Rejection extends Error {
  override readonly name = 'Rejection';
  readonly code: RejectionCode;
  readonly sizeBytes: number | undefined;
  readonly limitBytes: number | undefined;
  readonly detail: string | undefined;

  constructor(code: RejectionCode, facts: { sizeBytes?: number; limitBytes?: number; detail?: string; cause?: unknown } = {}) {
    super(code, { cause: facts.cause });
    this.code = code;
    this.sizeBytes = facts.sizeBytes;
    this.limitBytes = facts.limitBytes;
    this.detail = facts.detail;
  }
}

/** What the system says of a source, as the product distinguishes it. The errno goes along, for support. */
export function rejectionOf(error: unknown): Rejection {
  if (error instanceof Rejection) return error;
  const detail = (error as NodeJS.ErrnoException | undefined)?.code;
  switch (detail) {
    case 'ENOENT': case 'ENOTDIR': return new Rejection('not-found', { detail, cause: error });
    case 'ELOOP': return new Rejection('dangling-link', { detail, cause: error });
    case 'EISDIR': case 'ENXIO': return new Rejection('not-a-file', { detail, cause: error });
    default: return new Rejection('unreadable', { detail, cause: error });
  }
}
