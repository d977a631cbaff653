import { describe, expect, test } from 'vitest';
import type { Failure } from '../../shared/domain/failure.ts';
import { failureOf, whyWaiting, type WaitingFacts } from './why-waiting.ts';

const none = { queued: 0, uploading: 0, completing: 0, completed: 0, waiting: 0, paused: 0, blocked: 0, needsAttention: 0, cancelled: 0 };
const failure = (code: Failure['code']): Failure => ({ code, disposition: 'wait', endpoint: 'gateway', ambiguous: false });
const quiet: WaitingFacts = { counts: { ...none, queued: 1 }, paused: false, account: 'signedIn', hold: undefined, oldest: undefined, notNegotiated: undefined, timeIsOver: false };
const why = (facts: Partial<WaitingFacts>) => whyWaiting({ ...quiet, ...facts });
const stalled = { name: 'waiting', retryAt: 1, failure: failure('stalled') } as const;

describe('why photos wait', () => {
  test('is nothing where none does', () => {
    expect(why({ counts: { ...none, completed: 3, needsAttention: 1 }, paused: true })).toBeUndefined();
  });

  test('is a person’s own pause before anything else, and then what holds up all of them', () => {
    expect(why({ paused: true, account: 'expired', hold: 'metered', oldest: stalled })).toBe('paused');
    expect(why({ account: 'expired', hold: 'metered', oldest: stalled })).toBe('session-ended');
    expect(why({ hold: 'metered', oldest: stalled })).toBe('metered');
    expect(why({ hold: 'contract' })).toBe('contract');
  });

  test('is what the oldest one met', () => {
    expect(why({ oldest: stalled, timeIsOver: true })).toBe('failure');
    expect(why({ oldest: { name: 'waiting', retryAt: 1, failure: failure('offline') } })).toBe('offline');
    expect(why({ oldest: { name: 'blocked', by: 'offline' } })).toBe('offline');
    expect(why({ oldest: { name: 'blocked', by: 'auth' } })).toBe('session-ended');
    expect(why({ oldest: { name: 'blocked', by: 'circuit', failure: failure('circuit-open') } })).toBe('failure');
    expect(failureOf(stalled)?.code).toBe('stalled');
    expect(failureOf({ name: 'queued' })).toBeUndefined();
  });

  test('is that the server could not say what it accepts, that each was paused, or that the time is over', () => {
    expect(why({ notNegotiated: 'network' })).toBe('offline');
    expect(why({ notNegotiated: 'other' })).toBe('server');
    expect(why({ counts: { ...none, paused: 2 } })).toBe('photos-paused');
    expect(why({ timeIsOver: true })).toBe('time-over');
  });
});
