import type { StoredPart } from '../transport/transport.ts';

/** One part of a photo: bytes from `start` up to, not including, `end`. Numbers begin at 1, as S3's do. */
export interface PlannedPart {
  number: number;
  start: number;
  end: number;
}

/** S3 refuses more parts than this. Source: Amazon S3's multipart upload limits. */
export const maxParts = 10_000;

/** S3 refuses smaller parts, the last one aside. Source: Amazon S3's multipart upload limits. */
export const minPartBytes = 5 * 1024 * 1024;

/** The MD5s of a photo's parts, in order, as the ledger has them; undefined where it does not know them all, or of another size. */
export function md5sOf(ledger: readonly StoredPart[], sizeBytes: number, partBytes: number): string[] | undefined {
  const known = new Map(ledger.map((part) => [part.number, part]));
  const parts = planParts(sizeBytes, partBytes).map(({ number, start, end }) => {
    const part = known.get(number);
    return part?.sizeBytes === end - start ? part.etag : undefined;
  });
  return parts.includes(undefined) ? undefined : parts as string[];
}

/**
 * Cuts a photo into parts of equal size, the last one smaller or equal.
 *
 * @param sizeBytes at least 1
 * @throws RangeError where the parts would be more than S3 takes
 */
export function planParts(sizeBytes: number, partBytes: number): PlannedPart[] {
  const count = Math.ceil(sizeBytes / partBytes);
  if (!(sizeBytes >= 1) || !(partBytes >= 1) || count > maxParts) throw new RangeError(`cannot cut ${sizeBytes} bytes into parts of ${partBytes}`);
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    start: index * partBytes,
    end: Math.min(sizeBytes, (index + 1) * partBytes),
  }));
}
