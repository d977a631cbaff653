/**
 * Reads a Retry-After header: seconds, or an HTTP date (RFC 9110, 10.2.3). A date is read by the server's own clock,
 * which is the answer's `Date`: ours may be wrong by hours.
 *
 * @param headers of the answer, names in lower case
 * @param now ms since the epoch, for an answer without a `Date`
 * @returns milliseconds to wait, never negative; `undefined` where the header is absent or says nothing readable
 */
export function retryAfterMs(headers: Record<string, string>, now: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined) return undefined;
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const until = parseHttpDate(text);
  if (until === undefined) return undefined;
  return Math.max(0, until - (parseHttpDate(headers['date'] ?? '') ?? now));
}

/** @returns ms since the epoch, `undefined` for what is no date */
export function parseHttpDate(text: string): number | undefined {
  // Date.parse alone would take "-5" or "1" for a year.
  const date = /[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : date;
}
