/** Less is no wait: a photo sent again and again without one is a hot loop, so our own back-off decides, which grows. */
const leastMs = 1_000;
/** More is a mistake of the server's, or nobody's business to wait for without having asked again. */
const mostMs = 24 * 3_600_000;

/**
 * Reads a Retry-After header: seconds, or an HTTP date (RFC 9110, 10.2.3). A date is read by the server's own clock,
 * which is the answer's `Date`: ours may be wrong by hours.
 *
 * @param headers of the answer, names in lower case
 * @param now ms since the epoch, for an answer without a `Date`
 * @returns milliseconds to wait, from a second to a day; `undefined` where the header is absent, says nothing readable, or no wait
 */
export function retryAfterMs(headers: Record<string, string>, now: number): number | undefined {
  const asked = askedMs(headers, now);
  return asked === undefined || asked < leastMs ? undefined : Math.min(mostMs, asked);
}

function askedMs(headers: Record<string, string>, now: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined) return undefined;
  if (/^\d{1,20}(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const until = parseHttpDate(text);
  return until === undefined ? undefined : until - (parseHttpDate(headers['date'] ?? '') ?? now);
}

/** @returns ms since the epoch, `undefined` for what is no date */
export function parseHttpDate(text: string): number | undefined {
  // Date.parse alone would take "-5" or "1" for a year.
  const date = /[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : date;
}
