import { isIdentifier, isKnownCode } from './known-words.ts';
import type { LogFields } from './logger.ts';

/**
 * [Note: what may be in a log]
 *
 * A log leaves the clinic: support asks for it, people mail it. So it is made safe when a line is written, not when
 * it is exported. Two nets, one behind the other: a field is kept only if its name is on a list (`redactFields`), and the
 * text in it loses everything that has the shape of a secret or of a person's data (`redact`). Losing too much is
 * accepted; what a machine decides on is in codes and numbers, which pass.
 */

/** Fields that hold numbers, booleans, or words of our own making. */
const plainFields = [
  'active', 'adopted', 'ambiguous', 'attempt', 'bytes', 'bytesPerSecond', 'cause', 'clockOffsetMs', 'code', 'completed', 'concurrency',
  'contract', 'count', 'detail', 'disposition', 'done', 'dropped', 'duplicate', 'durationMs', 'endpoint', 'errno', 'error', 'errorName',
  'exitCode', 'failures', 'from', 'httpStatus', 'inFlight', 'keySource', 'kind', 'limit', 'limitBytes', 'method', 'ms', 'needsAttention',
  'offsetMs', 'ok', 'open', 'outcome', 'part', 'partBytes', 'partial', 'partNumber', 'parts', 'phase', 'pid', 'platform', 'port',
  'queued', 'reachable', 'reason', 'rejected', 'remainingBytes', 'removed', 'requestSent', 'resumed', 'retryAfterMs', 'retryAt',
  'retryInMs', 'rows', 'schema', 'schemaVersion', 'seconds', 'sending', 'sentBytes', 'sequence', 'severity', 'signal', 'size', 'sizeBytes', 'source',
  'state', 'status', 'step', 'table', 'to', 'total', 'transport', 'tries', 'try', 'type', 'until', 'version', 'waiting', 'waitMs',
  'what',
] as const;

/** Fields that hold one of our own random identifiers, or the server's for a request; kept only in that form. */
const identifierFields = ['id', 'upload', 'uploadId', 'batchId', 'traceId'] as const;

/** Fields that hold a code, which a server may have written; see known-words.ts. */
const codeFields: ReadonlySet<string> = new Set(['code', 'detail']);

/** The first two segments of a gateway's path: a service and what it keeps. Identifiers come after them. */
const routePattern = /^(?:\/[a-z]+(?:[-:][a-z]+)*){1,2}\/?$/;

const plain: ReadonlySet<string> = new Set(plainFields);
const identifiers: ReadonlySet<string> = new Set(identifierFields);

const maxRead = 4000;
const maxKept = 300;

const imageNames = /^.*\.(?:jpe?g|jfif|png|webp|hei[cf]|gif|tiff?|bmp|avif|dng|raw)(?![a-z0-9])/gimu;

/**
 * What is left after quotes and file names, found in one pass from left to right, so that what one rule has replaced is not
 * read again by the next. The order decides where several begin at the same place.
 */
const shapes = new RegExp([
  /(?<kept>(?<![\w/\\])(?:image\/(?:jpeg|png|webp|heic|gif)|application\/(?:json|xml|octet-stream)|text\/(?:html|plain|xml)|multipart\/form-data|\d{1,5}\/\d{1,5})(?![\w/\\.]))/,
  // The host is what support needs; paths hold patients' ids, queries hold signatures, and a user part holds a password.
  /(?<scheme>\b(?:https?|wss?|s3)):\/\/(?:[^\s/\\@]*@)*(?<host>[^\s/?#@\\]*)(?<rest>\S*)/,
  // A path or a password may hold spaces, and then nothing says where it ends: the rest of the line goes with it.
  /(?<path>[^\s/\\]*[/\\].*)/,
  /(?<labelled>\b(?:bearer\s|basic\s|\w*(?:token|password|passwd|pwd|secret|authorization|cookie|key|signature)\s*[:=]))(?<labelledValue>.+)/,
  /(?<query>\?\S.*)/,
  /(?<email>[^\s@<>()[\]]+@[^\s@<>()[\]]+)/,
  /(?<jwt>eyJ[\w-]{5,}[\w.-]*)/,
  /(?<long>(?=[a-z+=_-]*\d)[\w+=-]{16,})/,
  /(?<digits>\d[\d .-]{4,}\d)/,
].map((rule) => rule.source).join('|'), 'giu');

/**
 * Takes out of a text what may be a secret or a person's data: tokens, e-mail addresses, everything of a URL but its host,
 * paths and names of files, long hexadecimal or opaque strings, long numbers, and anything in quotes.
 *
 * Pure; redacting twice changes nothing more. Texts are cut to 300 characters.
 */
export function redact(text: string): string {
  return redactOnce(text, maxRead);
}

function redactOnce(text: string, limit: number): string {
  // A cut may split a token so that no rule knows it any more, so what is cut into goes too.
  const read = text.length > limit ? `${text.slice(0, limit).replace(/\S*$/u, '')}…` : text;
  const out = read.split(/\r\n|[\n\r\u2028\u2029]/u).map(redactQuotes).join('\n')
    .replace(imageNames, '[file]')
    .replace(shapes, (...match) => {
      const groups = match.at(-1) as Record<string, string | undefined>;
      if (groups.kept !== undefined) return groups.kept;
      if (groups.scheme !== undefined) return `${groups.scheme}://${safeHost(groups.host ?? '')}${groups.rest ? '/[path]' : ''}`;
      if (groups.path !== undefined) return '[path]';
      if (groups.labelled !== undefined) return `${groups.labelled}[secret]`;
      if (groups.query !== undefined) return '[query]';
      if (groups.email !== undefined) return '[e-mail]';
      if (groups.digits !== undefined) return '[number]';
      return '[token]';
    });
  return out.length > maxKept ? `${out.slice(0, maxKept - 1).replace(/\S*$/u, '')}…` : out;
}

/** A host's name and port are safe; anything that does not look like them is not taken for one. */
function safeHost(host: string): string {
  return /^(?:[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,5}|\[[0-9a-f:.]+\])(?::\d{1,5})?$/iu.test(host) ? host : '[host]';
}

const pairs: readonly (readonly [string, string])[] = [['"', '"'], ['`', '`'], ['«', '»'], ['“', '”'], ['‘', '’'], ["'", "'"]];

/** From a line's first quote to its last of that kind: a name may hold quotes itself. Without a second one, to the end. */
function redactQuotes(line: string): string {
  let out = line;
  for (const [open, close] of pairs) {
    const start = out.indexOf(open);
    if (start < 0) continue;
    const end = out.lastIndexOf(close);
    const apostrophe = open === "'" && end === start && /\p{L}'\p{L}/u.test(out.slice(Math.max(0, start - 2), start + 3));
    if (apostrophe) continue;
    out = end > start ? `${out.slice(0, start)}[quoted]${out.slice(end + 1)}` : `${out.slice(0, start)}[quoted]`;
  }
  return out;
}

/** Keeps the fields whose names are on the list, their texts redacted. `omitted` counts the others. See [Note: what may be in a log]. */
export function redactFields(fields: LogFields): LogFields {
  const kept: LogFields = {};
  let omitted = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (identifiers.has(name)) {
      kept[name] = typeof value === 'string' && isIdentifier(value) ? value : '[id]';
    } else if (name === 'route') {
      kept[name] = typeof value === 'string' && routePattern.test(value) ? value : '[path]';
    } else if (codeFields.has(name) && typeof value === 'string') {
      kept[name] = value.split(' ').every(isKnownCode) ? value : '[code]';
    } else if (plain.has(name)) {
      kept[name] = typeof value === 'string' ? redact(value) : value;
    } else {
      omitted += 1;
    }
  }
  if (omitted > 0) kept.omitted = omitted;
  return kept;
}
