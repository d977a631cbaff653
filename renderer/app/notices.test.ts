import { expect, it } from 'vitest';
import { dismissalOf, type NoticeFacts, noticesFor } from './notices.ts';

const calm: NoticeFacts = { engine: 'running', lost: 0, expired: false, network: { proxyAsks: false }, hold: undefined, health: {}, dismissed: new Set() };
const low = { disk: { freeBytes: 3e9, totalBytes: 5e11, low: true } };

it('says nothing while there is nothing to say', () => {
  expect(noticesFor(calm)).toEqual([]);
  expect(noticesFor({ ...calm, network: undefined, health: { disk: { ...low.disk, low: false } } })).toEqual([]);
});

it('tells of a metered network, a proxy that asks, a server that seems changed, a full disk and a queue made anew', () => {
  expect(noticesFor({ ...calm, network: { proxyAsks: false, hold: 'metered' } })).toEqual(['metered']);
  expect(noticesFor({ ...calm, lost: 1, expired: true, network: { proxyAsks: true } })).toEqual(['lost', 'expired']);
  expect(noticesFor({ ...calm, network: { proxyAsks: true } })).toEqual(['proxy-asks']);
  expect(noticesFor({ ...calm, hold: 'contract' })).toEqual(['contract']);
  expect(noticesFor({ ...calm, health: { ...low, queueReplacedAt: 7 } })).toEqual(['disk-low', 'queue-replaced']);
});

it('leaves room for the photos: two at a time, what stops the sending first', () => {
  expect(noticesFor({ ...calm, expired: true, network: { proxyAsks: true, hold: 'metered' }, health: low })).toEqual(['expired', 'proxy-asks']);
});

it('speaks of nothing else while the engine is away', () => {
  expect(noticesFor({ ...calm, engine: 'starting', expired: true, health: low })).toEqual(['restarting']);
  expect(noticesFor({ ...calm, engine: 'failed', expired: true })).toEqual(['stopped']);
});

it('keeps quiet of what was read, until it happens again', () => {
  const dismissed = new Set([dismissalOf('queue-replaced', { queueReplacedAt: 7 })]);
  expect(noticesFor({ ...calm, dismissed, health: { queueReplacedAt: 7 } })).toEqual([]);
  expect(noticesFor({ ...calm, dismissed, health: { queueReplacedAt: 8 } })).toEqual(['queue-replaced']);
});
