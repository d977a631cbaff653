/**
 * @file The matrix: every cell with what must come of it, written down before it was run. What a cell does that is not
 * said here is a mistake of the engine or of this table, and the test fails until somebody has decided which.
 */
import type { FailureCode } from '../shared/domain/failure.ts';
import type { CallErrorCode } from '../shared/rpc/call-error.ts';
import type { Cell, Expectation, Fault, Where } from './cell.ts';
import * as the from './faults.ts';

/** Overcome within the try, by short repetitions or by asking (then `code` says what was asked about). */
function overcome(requests: number, code?: FailureCode): Expectation {
  return { under: 'completed', requests, tries: 1, stored: 1, goesOn: 'never stopped', ...(code ? { code } : {}) };
}

/** Waits for another try, which counts. */
function retried(code: FailureCode, requests: number, stored: 0 | 1 = 0): Expectation {
  return { under: 'waiting', code, requests, tries: 2, stored, goesOn: 'by itself' };
}

/** Waits for a cause that is not the photo's: no try is burnt. */
function waited(code: FailureCode, requests: number, stored: 0 | 1 = 0): Expectation {
  return { under: 'waiting', code, requests, tries: 1, stored, goesOn: 'by itself' };
}

/** Trying again unchanged cannot help: a person must look. */
function refused(code: FailureCode, requests = 1, stored: 0 | 1 = 0): Expectation {
  return { under: 'needsAttention', code, requests, tries: 2, stored, goesOn: 'a person retries' };
}

/** The breaker of the address opens before the short repetitions are used up, and no try is burnt. */
function stopped(requests: number, stored: 0 | 1 = 0): Expectation {
  return { under: 'blocked: circuit', code: 'circuit-open', requests, tries: 1, stored, goesOn: 'by itself' };
}

function notSignedIn(code: CallErrorCode): Expectation {
  return { under: 'signed out', code, requests: 1, tries: 1, stored: 0, goesOn: 'a person signs in' };
}

function at(where: Where, ...rows: [fault: Fault, lasts: Cell['lasts'], expected: Expectation][]): Cell[] {
  return rows.map(([fault, lasts, expected]) => ({ where, fault, lasts, expected }));
}

const create = at('create',
  [the.refused, 'once', waited('connection-refused', 1)],
  [the.refused, 'a while', waited('connection-refused', 1)],
  [the.nameNotFound, 'a while', waited('dns-failed', 1)],
  [the.connectTimeout, 'a while', waited('connect-timeout', 1)],
  [the.certificateExpired, 'a while', waited('certificate-expired', 1)],
  [the.certificateUntrusted, 'a while', waited('certificate-untrusted', 1)],
  [the.deadIpv6, 'a while', overcome(1)],
  [the.resetBeforeBody, 'once', overcome(2)],
  [the.resetBeforeBody, 'a while', retried('connection-reset', 4)],
  [the.resetAfterBody, 'once', overcome(2)],
  [the.resetAfterBody, 'a while', retried('connection-reset', 4)],
  [the.halfOpen, 'a while', retried('stalled', 1)],
  [the.hang, 'once', retried('stalled', 1)],
  [the.drippingAnswer, 'a while', retried('request-timeout', 1)],
  [the.truncated, 'once', overcome(2)],
  [the.truncated, 'a while', retried('malformed-answer', 4)],
  [the.malformedJson, 'once', retried('malformed-answer', 1)],
  [the.html, 'a while', retried('malformed-answer', 1)],
  [the.html401, 'a while', retried('malformed-answer', 1)],
  [the.html404, 'a while', retried('malformed-answer', 1)],
  [the.serverClockWrong, 'a while', overcome(1)],
  [the.answers(400), 'a while', refused('bad-request')],
  [the.answers(401), 'a while', retried('server-error', 1)],
  [the.answers(403), 'a while', refused('forbidden')],
  [the.answers(404), 'a while', refused('patient-not-found')],
  [the.proxy407, 'a while', waited('proxy-auth-required', 1)],
  [the.answers(409), 'a while', retried('conflict', 1)],
  [the.answers(413), 'a while', refused('too-large')],
  [the.answers(415), 'a while', refused('unsupported-type')],
  [the.answers(422), 'a while', refused('bad-request')],
  [the.slowDown, 'once', waited('rate-limited', 1)],
  [the.answers(500), 'once', overcome(2)],
  [the.answers(500), 'a while', stopped(3)],
  [the.answers(502), 'a while', stopped(3)],
  [the.answers(503), 'a while', stopped(3)],
  [the.answers(504), 'a while', stopped(3)],
  [the.answersAfterDoing(504), 'once', overcome(2)],
  [the.answers(507), 'a while', waited('server-disk-full', 1)],
);

const part = at('part',
  [the.refused, 'once', waited('connection-refused', 1)],
  [the.refused, 'a while', waited('connection-refused', 1)],
  [the.nameNotFound, 'a while', waited('dns-failed', 1)],
  [the.connectTimeout, 'a while', waited('connect-timeout', 1)],
  [the.certificateExpired, 'a while', waited('certificate-expired', 1)],
  [the.certificateUntrusted, 'a while', waited('certificate-untrusted', 1)],
  [the.deadIpv6, 'a while', overcome(1)],
  [the.resetBeforeBody, 'once', overcome(2)],
  [the.resetBeforeBody, 'a while', retried('connection-reset', 4)],
  [the.resetMidBody, 'once', overcome(3)],
  [the.resetAfterBody, 'a while', overcome(1)],
  [the.halfOpen, 'once', overcome(2)],
  [the.hang, 'once', overcome(2)],
  [the.hang, 'a while', retried('stalled', 4)],
  [the.stallMidPart, 'once', overcome(3)],
  [the.slowReader, 'a while', overcome(1)],
  [the.truncated, 'a while', overcome(1)],
  [the.html, 'once', overcome(2)],
  [the.html, 'a while', retried('malformed-answer', 4)],
  [the.s3ErrorIn200, 'once', overcome(2)],
  [the.s3ErrorIn200, 'a while', retried('server-error', 4)],
  [the.ourClockWrong, 'a while', retried('clock-skew', 4)],
  [the.answers(400), 'a while', refused('bad-request')],
  [the.answers(401), 'a while', refused('forbidden')],
  [the.answers(403), 'once', overcome(2)],
  [the.answers(403), 'a while', retried('signature-expired', 4)],
  [the.answers(404), 'once', overcome(2)],
  [the.answers(404), 'a while', retried('upload-gone', 5)],
  [the.proxy407, 'a while', waited('proxy-auth-required', 1)],
  [the.answers(409), 'a while', retried('conflict', 4)],
  [the.answers(413), 'a while', refused('too-large')],
  [the.answers(415), 'a while', refused('unsupported-type')],
  [the.answers(422), 'a while', refused('bad-request')],
  [the.slowDown, 'once', waited('rate-limited', 1)],
  [the.answers(500), 'once', overcome(2)],
  [the.answers(500), 'a while', retried('server-error', 4)],
  [the.answers(502), 'a while', retried('server-error', 4)],
  [the.answers(504), 'a while', retried('request-timeout', 4)],
  [the.quotaExceeded, 'a while', waited('server-disk-full', 1)],
);

const complete = at('complete',
  [the.refused, 'a while', waited('connection-refused', 1)],
  [the.connectTimeout, 'a while', waited('connect-timeout', 1)],
  [the.resetBeforeBody, 'once', overcome(2)],
  [the.resetBeforeBody, 'a while', retried('connection-reset', 4)],
  [the.resetAfterBody, 'once', overcome(2)],
  [the.resetAfterBody, 'a while', overcome(4, 'connection-reset')],
  [the.halfOpen, 'a while', retried('stalled', 1)],
  [the.hang, 'once', retried('stalled', 1)],
  [the.drippingAnswer, 'a while', overcome(1, 'request-timeout')],
  [the.truncated, 'once', overcome(2)],
  [the.truncated, 'a while', overcome(4, 'malformed-answer')],
  [the.malformedJson, 'once', overcome(1, 'malformed-answer')],
  [the.html, 'a while', retried('malformed-answer', 1)],
  [the.s3ErrorIn200, 'a while', retried('malformed-answer', 1)],
  [the.answers(400), 'a while', refused('bad-request')],
  [the.answers(401), 'a while', retried('server-error', 1)],
  [the.html401, 'a while', retried('malformed-answer', 1)],
  [the.answers(403), 'a while', refused('forbidden')],
  [the.answers(404), 'once', overcome(2)],
  [the.answers(404), 'a while', retried('upload-gone', 5)],
  [the.answers(409), 'a while', retried('conflict', 1)],
  [the.answers(413), 'a while', refused('too-large')],
  [the.answers(422), 'a while', refused('bad-request')],
  [the.slowDown, 'once', waited('rate-limited', 1)],
  [the.answers(500), 'a while', stopped(3)],
  [the.answers(502), 'a while', stopped(3)],
  [the.answers(503), 'a while', stopped(3)],
  [the.answers(504), 'a while', stopped(3)],
  [the.answersAfterDoing(504), 'once', overcome(2)],
  [the.answersAfterDoing(504), 'a while', stopped(3, 1)],
  [the.answersAfterDoing(500), 'a while', stopped(3, 1)],
  [the.answers(507), 'a while', waited('server-disk-full', 1)],
);

const inspect = at('inspect',
  [the.refused, 'a while', waited('connection-refused', 1)],
  [the.resetBeforeBody, 'a while', retried('connection-reset', 4)],
  [the.hang, 'a while', retried('stalled', 1)],
  [the.truncated, 'a while', retried('malformed-answer', 4)],
  [the.malformedJson, 'once', retried('malformed-answer', 1)],
  [the.html, 'a while', retried('malformed-answer', 1)],
  [the.html404, 'a while', retried('malformed-answer', 1)],
  [the.answers(401), 'a while', retried('server-error', 1)],
  [the.answers(403), 'a while', refused('forbidden')],
  [the.answers(404), 'a while', overcome(1)],
  [the.slowDown, 'once', waited('rate-limited', 1)],
  [the.answers(500), 'once', overcome(2)],
  [the.answers(500), 'a while', stopped(3)],
  [the.answers(503), 'a while', stopped(3)],
  [the.answers(504), 'a while', stopped(3)],
);

const photo = at('photo (A)',
  [the.refused, 'a while', waited('connection-refused', 1)],
  [the.nameNotFound, 'a while', waited('dns-failed', 1)],
  [the.resetAfterBody, 'once', overcome(1, 'connection-reset')],
  [the.truncated, 'once', overcome(1, 'malformed-answer')],
  [the.malformedJson, 'once', overcome(1, 'malformed-answer')],
  [the.answersAfterDoing(504), 'once', overcome(1, 'gateway-timeout')],
  [the.answers(400), 'a while', refused('bad-request')],
  [the.answers(401), 'a while', refused('too-large')],
  [the.answers(403), 'a while', refused('forbidden')],
  [the.answers(413), 'a while', refused('too-large')],
  [the.answers(415), 'a while', refused('unsupported-type')],
  [the.slowDown, 'once', waited('rate-limited', 1)],
  [the.answers(500), 'a while', retried('server-error', 1)],
  [the.answers(502), 'a while', retried('bad-gateway', 1)],
  [the.answers(503), 'a while', retried('service-unavailable', 1)],
  [the.answers(507), 'a while', waited('server-disk-full', 1)],
);

const verify = at('verify (A)',
  [the.refused, 'a while', waited('connection-refused', 1, 1)],
  [the.hang, 'a while', retried('stalled', 2, 1)],
  [the.html, 'a while', retried('malformed-answer', 2, 1)],
  [the.answers(403), 'a while', overcome(1)],
  [the.answers(404), 'a while', overcome(1)],
  [the.answers(500), 'a while', retried('server-error', 1, 1)],
);

const signIn = at('sign-in',
  [the.refused, 'a while', notSignedIn('network')],
  [the.nameNotFound, 'a while', notSignedIn('network')],
  [the.certificateExpired, 'a while', notSignedIn('network')],
  [the.deadIpv6, 'a while', overcome(1)],
  [the.resetAfterBody, 'once', notSignedIn('network')],
  [the.hang, 'a while', notSignedIn('network')],
  [the.truncated, 'once', notSignedIn('network')],
  [the.html, 'a while', notSignedIn('server')],
  [the.html401, 'a while', notSignedIn('server')],
  [the.answers(401), 'a while', notSignedIn('wrong-credentials')],
  [the.proxy407, 'a while', notSignedIn('server')],
  [the.slowDown, 'once', notSignedIn('server')],
  [the.answers(500), 'a while', notSignedIn('server')],
  [the.answers(503), 'a while', notSignedIn('server')],
);

const signedOut: Expectation = { under: 'blocked: auth', code: 'session-expired', requests: 1, tries: 1, stored: 0, goesOn: 'a person signs in' };

/** How often this is asked in the background is chance. */
const unimpressed: Expectation = { under: 'completed', tries: 1, stored: 1, goesOn: 'never stopped' };

const refresh = at('refresh',
  [the.refused, 'a while', waited('connection-refused', 1)],
  [the.hang, 'a while', retried('stalled', 1)],
  [the.html401, 'a while', retried('malformed-answer', 1)],
  [the.malformedJson, 'once', retried('malformed-answer', 1)],
  [the.answers(401), 'once', signedOut],
  [the.answers(403), 'once', signedOut],
  [the.slowDown, 'once', waited('rate-limited', 1)],
  [the.answers(500), 'once', unimpressed],
  [the.answers(500), 'a while', stopped(3)],
);

/** Signed in, and the photo safe in the queue, though nobody knows yet how to send it. */
const unknownYet = (requests: number): Expectation => ({ under: 'queued', requests, tries: 1, stored: 0, goesOn: 'by itself' });

const capabilities = [
  ...at('capabilities',
    [the.resetBeforeBody, 'a while', unknownYet(4)],
    [the.hang, 'a while', unknownYet(1)],
    [the.html, 'a while', unknownYet(1)],
    [the.answers(500), 'once', overcome(2)],
    [the.answers(500), 'a while', unknownYet(4)],
    [the.answers(503), 'a while', unknownYet(4)]),
  ...at('capabilities, known',
    [the.hang, 'a while', unimpressed],
    [the.html404, 'a while', unimpressed],
    [the.answers(500), 'a while', unimpressed]),
];

/** Waiting because the port was closed; whatever the knock is answered then, the address is there again. */
const back: Expectation = { under: 'waiting', code: 'connection-refused', tries: 1, stored: 0, goesOn: 'by itself' };

const health = at('health',
  [the.resetBeforeBody, 'a while', back],
  [the.hang, 'a while', back],
  [the.html, 'a while', back],
  [the.answers(401), 'a while', back],
  [the.answers(404), 'a while', back],
  [the.answers(500), 'a while', back],
  [the.answers(503), 'a while', back],
);

export const cells: readonly Cell[] = [create, part, complete, inspect, photo, verify, signIn, refresh, capabilities, health].flat();
