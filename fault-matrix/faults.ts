import type { FaultEffect } from '../sandbox/faults/fault.ts';
import type { Fault } from './cell.ts';
import type { NetworkFault } from './network.ts';

const server = (name: string, effect: Partial<FaultEffect> & { kind: FaultEffect['kind'] }, special: Pick<Fault, 'large' | 'timed'> = {}): Fault =>
  ({ name, effect: { kind: 'server', effect }, ...special });
const network = (name: string, fault: NetworkFault, special: Pick<Fault, 'timed'> = {}): Fault => ({ name, effect: { kind: 'network', fault }, ...special });

/** Answered with a status, in the words of whoever answers there. */
export const answers = (status: number): Fault => server(`${status}`, { kind: 'status', status });
/** The request is carried out, and its answer replaced by the status. */
export const answersAfterDoing = (status: number): Fault => server(`${status}, and done all the same`, { kind: 'status', status, applied: true });

const proxyPage = '<html><body><h1>407 Proxy Authentication Required</h1></body></html>';
/** RFC 9110, 15.5.8: a proxy's own answer. */
export const proxy407 = server('407 of a proxy', { kind: 'status', status: 407, body: proxyPage, headers: { 'proxy-authenticate': 'Basic realm="clinic"', 'content-type': 'text/html' } });
const skewed = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>RequestTimeTooSkewed</Code><RequestId>tx1</RequestId></Error>';

export const refused = network('connection refused', 'refused');
export const nameNotFound = network('name not found', 'dns');
export const connectTimeout = network('no answer to connecting', 'connect-timeout', { timed: true });
export const certificateExpired = network('certificate expired', 'certificate-expired');
export const certificateUntrusted = network('certificate untrusted', 'certificate-untrusted');
export const deadIpv6 = network('IPv6 dead, IPv4 alive', 'ipv6-dead');

export const resetBeforeBody = server('reset before the body', { kind: 'reset-before-body' });
export const resetMidBody = server('reset mid-body', { kind: 'reset-mid-body', afterBytes: 1_000_000 }, { large: true });
export const resetAfterBody = server('reset after the body, and done all the same', { kind: 'reset-after-body' });
export const halfOpen = server('half-open', { kind: 'half-open' }, { timed: true });
export const hang = server('stall before the first byte', { kind: 'hang' }, { timed: true });
export const stallMidPart = server('stall mid-part', { kind: 'stall-after', bytes: 1_000_000 }, { large: true, timed: true });
export const slowReader = server('slow drip of the body', { kind: 'slow-drip', bytesPerSecond: 400_000, direction: 'body' });
export const drippingAnswer = server('slow drip of the answer, without end', { kind: 'slow-drip', bytesPerSecond: 10 }, { timed: true });
export const truncated = server('truncated answer, and done all the same', { kind: 'truncate-answer', bytes: 40 });
export const malformedJson = server('malformed JSON, and done all the same', { kind: 'malformed-json', applied: true });
export const html = server('HTML instead of JSON', { kind: 'html' });
export const html401 = server('401 with HTML', { kind: 'html', status: 401 });
export const html404 = server('404 with HTML', { kind: 'html', status: 404 });
export const s3ErrorIn200 = server('200 with an S3 error inside', { kind: 's3-error-in-200' });
export const slowDown = server('429 (503 SlowDown at Spaces), Retry-After 3', { kind: 'rate-limited', retryAfter: 3 });
export const serverClockWrong = server('server’s clock a day off', { kind: 'headers', headers: { date: 'Thu, 01 Jan 2026 00:00:00 GMT' } });
export const ourClockWrong = server('403 RequestTimeTooSkewed', { kind: 'status', status: 403, body: skewed });
const quota = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>QuotaExceeded</Code><RequestId>tx1</RequestId></Error>';
export const quotaExceeded = server('507 QuotaExceeded', { kind: 'status', status: 507, body: quota });
