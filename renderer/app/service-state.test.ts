import { expect, it } from 'vitest';
import type { Diagnosis, DiagnosisCode, Severity } from '../../shared/domain/diagnosis.ts';
import type { QueueCounts } from '../../shared/domain/upload.ts';
import { type HeaderState, headerState, type Known } from './service-state.ts';

const none: QueueCounts = { queued: 0, uploading: 0, completing: 0, completed: 0, waiting: 0, paused: 0, blocked: 0, needsAttention: 0, cancelled: 0 };

function known(counts: Partial<QueueCounts>, change: Partial<Known> = {}, paused = false): Known {
  return {
    engine: 'running',
    account: { name: 'signedIn', gateway: 'https://clinica.example', person: { id: 'n', name: 'Ana Ruiz', email: 'ana@clinica.example' } },
    queue: { counts: { ...none, ...counts }, transfer: { bytesPerSecond: 0, remainingBytes: 0, paused } },
    waitingFor: undefined,
    diagnosis: undefined,
    ...change,
  };
}

function word(state: HeaderState): string {
  return state.kind === 'service' ? state.state : state.group;
}

const serviceState = (given: Known): string => word(headerState(given));

function found(code: DiagnosisCode, severity: Severity): { diagnosis: Diagnosis } {
  return { diagnosis: { code, severity, certainty: 'certain', since: 0, evidence: [], overlays: [] } };
}

it('claims no more than is known while nothing is sent', () => {
  expect(serviceState(known({ completed: 4 }))).toBe('signedIn');
});

it('says that photos go out, although one of them waits', () => {
  expect(serviceState(known({ uploading: 2, waiting: 1 }))).toBe('sending');
});

it('tells a missing network from other reasons to wait', () => {
  expect(serviceState(known({ blocked: 3 }, { waitingFor: { name: 'blocked', by: 'offline' } }))).toBe('offline');
  expect(serviceState(known({ blocked: 3 }, { waitingFor: { name: 'blocked', by: 'circuit' } }))).toBe('waiting');
  expect(serviceState(known({ waiting: 1 }))).toBe('waiting');
});

it('puts what a person must know first', () => {
  expect(serviceState(known({ uploading: 1 }, {}, true))).toBe('paused');
  const expired: Known['account'] = { name: 'expired', gateway: 'https://clinica.example', person: { id: 'n', name: 'Ana Ruiz', email: 'ana@clinica.example' } };
  expect(serviceState(known({ blocked: 1 }, { account: expired }, true))).toBe('expired');
  expect(serviceState(known({ uploading: 1 }, { engine: 'starting', account: expired }))).toBe('restarting');
});

it('says that it waits for another network, which no warning explains better', () => {
  const held = known({ queued: 2 }, found('SLOW_PATH', 'warn'));
  held.queue!.transfer.hold = 'metered';
  expect(serviceState(held)).toBe('metered');
  held.queue!.transfer.paused = true;
  expect(serviceState(held)).toBe('paused');
});

it('tells a fault before what the queue does, since that is why it does so', () => {
  expect(serviceState(known({ uploading: 1 }, found('SPACES_DOWN', 'fail')))).toBe('storage');
  expect(serviceState(known({ blocked: 3 }, { ...found('CLIENT_OFFLINE', 'fail'), waitingFor: { name: 'blocked', by: 'offline' } }))).toBe('noNetwork');
  expect(serviceState(known({}, { ...found('GATEWAY_DOWN', 'fail'), engine: 'starting' }))).toBe('restarting');
});

it('lets photos that go out be seen in spite of a warning, and explains those that wait', () => {
  expect(serviceState(known({ uploading: 1 }, found('SLOW_PATH', 'warn')))).toBe('sending');
  expect(serviceState(known({ waiting: 1 }, found('SLOW_PATH', 'warn')))).toBe('slow');
  expect(serviceState(known({}, found('SLOW_PATH', 'warn'), true))).toBe('paused');
});

it('says that it is connected once that is known and nothing else is to be said', () => {
  expect(serviceState(known({ completed: 4 }, found('HEALTHY', 'ok')))).toBe('ok');
  expect(serviceState(known({ completed: 4 }, found('SPACES_UNREACHABLE_FROM_CLIENT', 'info')))).toBe('ok');
  expect(serviceState(known({ waiting: 1 }, found('HEALTHY', 'ok')))).toBe('waiting');
});
