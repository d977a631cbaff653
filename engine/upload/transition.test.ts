import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Failure } from '../../shared/domain/failure.ts';
import type { RemotePhoto, UploadState } from '../../shared/domain/upload.ts';
import { isNetworkCause, transition, type UploadInput } from './transition.ts';

const failure = (over: Partial<Failure> = {}): Failure => ({ code: 'server-error', disposition: 'retry', endpoint: 'gateway', ambiguous: false, ...over });
const photo: RemotePhoto = { photoId: 'p', objectKey: 'k', sizeBytes: 1, uploadedAt: 1 };
const states: UploadState[] = [
  { name: 'queued' }, { name: 'uploading' }, { name: 'completing' }, { name: 'completed', at: 1, photo },
  { name: 'waiting', retryAt: 100, failure: failure() }, { name: 'waiting', retryAt: 100, failure: failure({ code: 'connection-refused' }) },
  { name: 'paused' }, { name: 'blocked', by: 'auth' }, { name: 'blocked', by: 'offline' }, { name: 'blocked', by: 'circuit' },
  { name: 'needsAttention', failure: failure({ disposition: 'needsAttention' }) }, { name: 'cancelled' },
  { name: 'needsAttention', failure: failure({ code: 'spool-damaged', disposition: 'needsAttention', endpoint: 'local' }) },
];
const inputs: UploadInput[] = [
  { type: 'start', now: 200 }, { type: 'all-parts-stored' }, { type: 'parts-refused' }, { type: 'verified', at: 5, photo }, { type: 'failed', failure: failure(), retryAt: 300 },
  { type: 'pause' }, { type: 'resume' }, { type: 'retry' }, { type: 'copy-renewed' }, { type: 'cancel' },
  { type: 'wake', cause: 'network' }, { type: 'wake', cause: 'signed-in' }, { type: 'wake', cause: 'clock' }, { type: 'held' }, { type: 'process-ended' },
];
const anyState = fc.constantFrom(...states);
const anyInput = fc.constantFrom(...inputs);

describe('the life of an upload', () => {
  it('goes from queued over uploading and completing to completed', () => {
    let state: UploadState | undefined = { name: 'queued' };
    for (const input of [{ type: 'start', now: 0 }, { type: 'all-parts-stored' }, { type: 'verified', at: 5, photo }] as const) state = state && transition(state, input);
    expect(state).toEqual({ name: 'completed', at: 5, photo });
  });

  it('is completed only by a verified photo', () => {
    fc.assert(fc.property(anyState, anyInput, (state, input) => {
      const next = transition(state, input);
      if (next?.name === 'completed') expect(input.type).toBe('verified');
    }));
  });

  it('never leaves completed, whatever comes', () => {
    fc.assert(fc.property(anyInput, (input) => { expect(transition({ name: 'completed', at: 1, photo }, input)).toBeUndefined(); }));
  });

  it('leaves cancelled only when it turns out that the photo had arrived', () => {
    for (const input of inputs) expect(transition({ name: 'cancelled' }, input)?.name).toBe(input.type === 'verified' ? 'completed' : undefined);
  });

  it('goes on when its copy is whole again, where that was what it lacked', () => {
    const going = states.filter((state) => transition(state, { type: 'copy-renewed' }));
    expect(going).toMatchObject([{ name: 'needsAttention', failure: { code: 'spool-damaged' } }]);
  });

  it('does not start before its time', () => {
    const waiting: UploadState = { name: 'waiting', retryAt: 100, failure: failure() };
    expect(transition(waiting, { type: 'start', now: 99 })).toBeUndefined();
    expect(transition(waiting, { type: 'start', now: 100 })?.name).toBe('uploading');
  });

  it('ends each failure where its disposition says', () => {
    const after = (f: Failure): UploadState | undefined => transition({ name: 'uploading' }, { type: 'failed', failure: f, retryAt: 300 });
    expect(after(failure())).toMatchObject({ name: 'waiting', retryAt: 300 });
    expect(after(failure({ disposition: 'needsAttention' }))?.name).toBe('needsAttention');
    expect(after(failure({ disposition: 'signIn', code: 'session-expired' }))).toMatchObject({ name: 'blocked', by: 'auth' });
    expect(after(failure({ disposition: 'wait', code: 'offline' }))).toMatchObject({ name: 'blocked', by: 'offline' });
    expect(after(failure({ disposition: 'wait', code: 'circuit-open' }))).toMatchObject({ name: 'waiting', retryAt: 300 });
    expect(transition({ name: 'completing' }, { type: 'held' })).toEqual({ name: 'queued' });
    expect(after(failure({ disposition: 'wait', code: 'rate-limited' }))).toMatchObject({ name: 'waiting', retryAt: 300 });
  });

  it('cannot be cancelled or paused while the server is asked to complete it', () => {
    expect(transition({ name: 'completing' }, { type: 'cancel' })).toBeUndefined();
    expect(transition({ name: 'completing' }, { type: 'pause' })).toBeUndefined();
  });

  it('wakes from the network what waited for the network, and leaves a server error its waiting time', () => {
    for (const code of ['connection-refused', 'proxy-auth-required', 'certificate-untrusted'] as const) expect(transition({ name: 'waiting', retryAt: 9e12, failure: failure({ code }) }, { type: 'wake', cause: 'network' })?.name).toBe('queued');
    expect(transition({ name: 'waiting', retryAt: 9e12, failure: failure() }, { type: 'wake', cause: 'network' })).toBeUndefined();
    expect(transition({ name: 'blocked', by: 'auth' }, { type: 'wake', cause: 'network' })).toBeUndefined();
    expect(transition({ name: 'blocked', by: 'auth' }, { type: 'wake', cause: 'signed-in' })?.name).toBe('queued');
  });

  it('goes on after the death of the process, and touches nothing that was at rest', () => {
    for (const state of states) {
      const underWay = state.name === 'uploading' || state.name === 'completing';
      expect(transition(state, { type: 'process-ended' })?.name).toBe(underWay ? 'queued' : undefined);
    }
  });

  it('counts as network causes only what the way to the server did', () => {
    expect(isNetworkCause(failure({ code: 'stalled' }))).toBe(true);
    expect(isNetworkCause(failure({ code: 'bad-gateway' }))).toBe(false);
  });
});
