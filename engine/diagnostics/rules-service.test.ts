/** @file What answers the rules of the service must not be led astray by. Every rule's own case is in `rules.test.ts`. */
import { describe, expect, test } from 'vitest';
import type { DiagnosisCode, Hop, ProbeEvidence, ProbeResult } from '../../shared/domain/diagnosis.ts';
import { bad, factsWith, failed } from './facts-for-tests.ts';
import { diagnose } from './rules.ts';

const answered = (httpStatus: number, answeringHop: Hop): ProbeEvidence => ({ finding: 'odd-answer', httpStatus, answeringHop });

describe('what the browser’s own stack is told', () => {
  test.each([403, 404, 413, 429, 502, 503, 507])('%i on its way is not what uploads are told on theirs', (status) => {
    expect(diagnose(factsWith([bad('chromium', 'gateway', { finding: 'odd-answer', httpStatus: status })])).code).toBe('HEALTHY');
  });
});

describe('a deep health check that is not for us', () => {
  test.each([[401, 'proxy'], [403, 'proxy'], [401, 'gateway'], [403, 'gateway'], [403, 'media']] as [number, Hop][])('says nothing with %i of the %s', (status, hop) => {
    expect(diagnose(factsWith([bad('readyz', 'media', answered(status, hop))])).code).toBe('HEALTHY');
  });
});

describe('an account that may not', () => {
  const refused = (detail: string, fields = {}) => failed({ code: 'forbidden', httpStatus: 403, disposition: 'needsAttention', detail, ...fields });
  test.each([
    ['HEALTHY', 'a proxy refused one photo', factsWith([], { attempts: [refused('malformed')] })],
    ['INCONCLUSIVE', 'a proxy refuses every photo', factsWith([], { attempts: [refused('malformed'), refused('malformed')] })],
    ['AUTH_FORBIDDEN', 'media refused a photo', factsWith([], { attempts: [refused('forbidden')] })],
    ['AUTH_FORBIDDEN', 'the gateway refused the canary', factsWith([bad('canary', 'spaces', answered(403, 'gateway'))])],
    ['INCONCLUSIVE', 'a proxy refused the canary', factsWith([bad('canary', 'spaces', answered(403, 'proxy'))])],
    ['INCONCLUSIVE', 'Spaces refused the canary', factsWith([bad('canary', 'spaces', answered(403, 'spaces'))])],
    ['INCONCLUSIVE', 'a proxy refuses the health check', factsWith([bad('http', 'media', answered(403, 'proxy'))])],
  ] as [DiagnosisCode, string, ReturnType<typeof factsWith>][])('%s: %s', (code, _why, facts) => {
    expect(diagnose(facts).code).toBe(code);
  });
});

test('a session is over where the service says so, not a proxy', () => {
  const verify = (hop: Hop): ProbeResult => bad('auth', 'gateway', answered(401, hop));
  expect(diagnose(factsWith([verify('gateway')])).code).toBe('AUTH_EXPIRED');
  expect(diagnose(factsWith([verify('media')])).code).toBe('AUTH_EXPIRED');
  expect(diagnose(factsWith([verify('proxy')])).code).toBe('INCONCLUSIVE');
});
