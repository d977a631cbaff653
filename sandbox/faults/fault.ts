import { z } from 'zod';
import { serviceNames } from '../options.ts';

const milliseconds = z.number().int().min(0).max(3_600_000);
const headers = z.record(z.string(), z.string());
const bytes = z.number().int().min(0);
/** True: the real handler takes the request first, and only its answer is replaced, so that the outcome is ambiguous. */
const applied = z.boolean().default(false);

export const faultEffectSchema = z.discriminatedUnion('kind', [
  /** An answer of that status. Without `body`: the error that this service would give. The request's body is read first, unless its client asks before it sends it. */
  z.object({ kind: z.literal('status'), status: z.number().int().min(200).max(599), body: z.unknown().optional(), headers: headers.optional(), applied }),
  /** Waits, then goes on (with the next fault that matches, or the real handler). */
  z.object({ kind: z.literal('delay'), ms: milliseconds }),
  /** Reads the body and never answers. */
  z.object({ kind: z.literal('hang') }),
  /** Resets the connection as soon as the head of the request is there. */
  z.object({ kind: z.literal('reset-before-body') }),
  /** Resets it after so many bytes of the body; the real handler sees an upload that breaks off. */
  z.object({ kind: z.literal('reset-mid-body'), afterBytes: bytes }),
  /** The real handler takes the request, and its answer is replaced by a reset. */
  z.object({ kind: z.literal('reset-after-body') }),
  /** Neither reads the body nor answers; the connection stays up. */
  z.object({ kind: z.literal('half-open') }),
  /** Reads so many bytes of the body, then nothing more, and never answers. */
  z.object({ kind: z.literal('stall-after'), bytes }),
  /** The real answer's head and so many bytes of its body, then a reset. */
  z.object({ kind: z.literal('truncate-answer'), bytes }),
  z.object({ kind: z.literal('malformed-json'), applied }),
  /** A web page instead of the answer, as a proxy or a captive portal gives. */
  z.object({ kind: z.literal('html'), status: z.number().int().min(200).max(599).default(200), applied }),
  z.object({ kind: z.literal('slow-drip'), bytesPerSecond: z.number().int().min(1), direction: z.enum(['answer', 'body']).default('answer') }),
  /** 429, or 503 SlowDown from Spaces, with Retry-After: seconds, or an HTTP date as text. */
  z.object({ kind: z.literal('rate-limited'), retryAfter: z.union([z.number().int().min(0), z.string()]) }),
  /** 200 with an S3 error inside, as S3 may answer a Complete. */
  z.object({ kind: z.literal('s3-error-in-200'), code: z.string().default('InternalError'), applied }),
  /** The real answer with these headers set over its own, e.g. `date` for a server whose clock is wrong. */
  z.object({ kind: z.literal('headers'), headers }),
  /** The port of the service is closed, for so long or until the fault is removed. `times` has no meaning here. */
  z.object({ kind: z.literal('refuse'), forMs: milliseconds.optional() }),
]);
export type FaultEffect = z.infer<typeof faultEffectSchema>;

export const faultSchema = z.object({
  /** Setting a fault under an id that exists replaces it. */
  id: z.string().min(1).max(100).optional(),
  where: z.object({
    /** For `spaces`: what clients reach by presigned URLs, not media's own way to Spaces (see `spacesUnreachable`). */
    service: z.enum(serviceNames),
    method: z.string().optional(),
    /** `*` is one path segment, `**` any number; what begins with `^` is a regular expression. */
    path: z.string().optional(),
    /** A parameter that the query must have, or with `!` before it must not: `partNumber` is a part of a multipart upload. */
    query: z.string().optional(),
  }),
  /** How many requests it hits before it is used up. */
  times: z.union([z.number().int().min(1), z.literal('always')]).default('always'),
  /** Lets so many matching requests through first. */
  skip: z.number().int().min(0).default(0),
  probability: z.number().min(0).max(1).default(1),
  effect: faultEffectSchema,
});
export type FaultInput = z.input<typeof faultSchema>;
export type Fault = z.infer<typeof faultSchema> & { id: string };

export const spacesUnreachableSchema = z.union([
  /** Connections from media to Spaces time out, are refused, end in a failed ARP (seed incident), or are answered 403. */
  z.enum(['timeout', 'refused', 'on-link', 'forbidden']),
  /** Spaces answers media late by so much. */
  z.object({ slow: milliseconds }),
]);
export type SpacesUnreachable = z.infer<typeof spacesUnreachableSchema>;

export const mediaFaultSchema = z.object({ spacesUnreachable: spacesUnreachableSchema.nullable() });
export type MediaFault = z.infer<typeof mediaFaultSchema>;

function globToRegExp(glob: string): RegExp {
  const source = glob
    .split(/(\*\*|\*)/)
    .map((piece) => {
      if (piece === '**') return '.*';
      return piece === '*' ? '[^/]*' : piece.replace(/[\\^$.|?+()[\]{}]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`);
}

/** @throws SyntaxError for a regular expression that is none. */
export function compileWhere({ method, path, query }: Fault['where']): (method: string, url: string) => boolean {
  const pattern = path === undefined ? undefined : path.startsWith('^') ? new RegExp(path) : globToRegExp(path);
  const wantedMethod = method?.toUpperCase();
  return (givenMethod, url) => {
    if (wantedMethod !== undefined && wantedMethod !== givenMethod) return false;
    const [givenPath = '', givenQuery = ''] = url.split('?', 2);
    if (pattern && !pattern.test(givenPath)) return false;
    if (query === undefined) return true;
    const names = new URLSearchParams(givenQuery);
    return query.startsWith('!') ? !names.has(query.slice(1)) : names.has(query);
  };
}
