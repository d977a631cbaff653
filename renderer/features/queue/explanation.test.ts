import { expect, it } from 'vitest';
import type { Diagnosis } from '../../../shared/domain/diagnosis.ts';
import type { Failure } from '../../../shared/domain/failure.ts';
import { explanationOf } from './explanation.ts';

const failure = (code: Failure['code'], endpoint: Failure['endpoint'] = 'gateway'): Failure => ({ code, endpoint, disposition: 'retry', ambiguous: false });
const known = (code: Diagnosis['code'], severity: Diagnosis['severity']): Diagnosis => ({ code, severity, certainty: 'certain', since: 0, evidence: [], overlays: [] });

it('tells a gateway that refuses from Spaces that do', () => {
  expect(explanationOf({ name: 'waiting', retryAt: 1, failure: failure('connection-refused') }, undefined)).toBe('GATEWAY_DOWN');
  expect(explanationOf({ name: 'waiting', retryAt: 1, failure: failure('connection-refused', 'spaces') }, undefined)).toBe('SPACES_DOWN');
});

it('takes the fault that lasts for what waits now, and not for what failed by itself', () => {
  const fault = known('MEDIA_SPACES_ROUTE', 'fail');
  expect(explanationOf({ name: 'waiting', retryAt: 1, failure: failure('gateway-timeout') }, fault)).toBe('MEDIA_SPACES_ROUTE');
  expect(explanationOf({ name: 'waiting', retryAt: 1, failure: failure('gateway-timeout') }, known('HEALTHY', 'ok'))).toBe('MEDIA_SPACES_UNREACHABLE');
  expect(explanationOf({ name: 'needsAttention', failure: failure('too-large') }, fault)).toBe('PAYLOAD_TOO_LARGE');
});

it('links nothing that is the photo’s own matter', () => {
  expect(explanationOf({ name: 'needsAttention', failure: failure('patient-not-found') }, known('CLIENT_OFFLINE', 'fail'))).toBeUndefined();
  expect(explanationOf({ name: 'queued' }, known('CLIENT_OFFLINE', 'fail'))).toBeUndefined();
});

it('explains what is held back without a failure of its own', () => {
  expect(explanationOf({ name: 'blocked', by: 'offline' }, undefined)).toBe('CLIENT_OFFLINE');
});
