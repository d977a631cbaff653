/** Larger than the longest list of paths that a call may carry; what is longer is not ours. */
const maxFrameBytes = 64 * 1024 * 1024;
const newline = 0x0a;

/**
 * A message as one line of JSON. Two things that the calls use have no JSON of their own: bytes, and `undefined` in a list of arguments.
 */
export function encodeFrame(message: unknown): string {
  return `${JSON.stringify(message, (_key, value: unknown) => {
    if (value === undefined) return { $void: true };
    if (value instanceof Uint8Array) return { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
    return value;
  })}\n`;
}

/** Not `JSON.parse`'s own reviver: it removes a property that becomes `undefined`, and the schemas tell the two apart. */
function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(revive);
  if ('$void' in value) return undefined;
  if ('$bytes' in value && typeof value.$bytes === 'string') return new Uint8Array(Buffer.from(value.$bytes, 'base64'));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revive(inner)]));
}

/**
 * Puts messages together from the pieces in which a stream delivers them.
 *
 * @returns a function that takes pieces; false means that what came is not ours, and nothing more will be read.
 */
export function createFrameReader(onMessage: (message: unknown) => void): (piece: Buffer) => boolean {
  let pieces: Buffer[] = [];
  let length = 0;
  let broken = false;
  return (piece) => {
    let rest = piece;
    for (let end = rest.indexOf(newline); end >= 0 && !broken; end = rest.indexOf(newline)) {
      // Whole lines are turned into text, never pieces: a piece may end inside a character.
      const line = Buffer.concat([...pieces, rest.subarray(0, end)]).toString('utf8');
      pieces = [];
      length = 0;
      rest = rest.subarray(end + 1);
      try {
        onMessage(revive(JSON.parse(line)));
      } catch {
        broken = true;
      }
    }
    if (rest.length > 0) pieces.push(rest);
    length += rest.length;
    if (length > maxFrameBytes) broken = true;
    return !broken;
  };
}
