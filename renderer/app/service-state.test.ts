import { expect, it } from 'vitest';
import type { QueueCounts } from '../../shared/domain/upload.ts';
import { type Known, serviceState } from './service-state.ts';

const none: QueueCounts = { queued: 0, uploading: 0, completing: 0, completed: 0, waiting: 0, paused: 0, blocked: 0, needsAttention: 0, cancelled: 0 };

function known(counts: Partial<QueueCounts>, change: Partial<Known> = {}, paused = false): Known {
  return {
    engine: 'running',
    account: { name: 'signedIn', gateway: 'https://clinica.example', person: { id: 'n', name: 'Ana Ruiz', email: 'ana@clinica.example' } },
    queue: { counts: { ...none, ...counts }, transfer: { bytesPerSecond: 0, remainingBytes: 0, paused } },
    waitingFor: undefined,
    ...change,
  };
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
