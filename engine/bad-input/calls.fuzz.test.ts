/** @file What other processes may send: no crash, no call that the contract does not allow, and the next good one is answered. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { engineContract } from '../../shared/engine-contract.ts';
import type { EngineImplementation } from '../../shared/engine-contract.ts';
import type { MessageChannelPort } from '../../shared/rpc/contract.ts';
import { connect, serve } from '../../shared/rpc/typed-rpc.ts';
import { createFrameReader, encodeFrame } from '../local-socket/frames.ts';
import { nearly, nearlyBytes, numRuns, patience, utf8 } from './testing/fuzz.ts';

const id = '0b6ee09e-8ee0-4c7c-a0f7-6d2b7ee2ac77';
const inputs: Record<string, unknown> = {
  signIn: { email: 'a@b.example', password: 'x' }, searchPatients: { text: 'ana', limit: 5 }, addFiles: { batchId: 'b', patientId: 'p', paths: ['/a'], tags: ['t'] }, getQueuePage: { filter: 'all', limit: 5 },
  getUpload: { id }, pauseUpload: { id }, resumeUpload: { id }, retryUpload: { id }, cancelUpload: { id }, sync: { timeoutSeconds: 1 }, getThumbnail: { id }, changeSettings: { concurrency: 3 }, wake: { reason: 'network-online' },
};
const settings = { language: 'es', theme: 'system', concurrency: 6 };
const methods = Object.keys(engineContract.methods);
const request = (method: string, input: unknown) => ({ t: 'q', m: 'call', i: 'x1', a: [method, input] });
const frames = fc.oneof({ weight: 4, arbitrary: nearly(...methods.map((method) => request(method, inputs[method]))) }, { weight: 1, arbitrary: fc.anything() });

/** A port whose far end is the test. */
function port(): MessageChannelPort & { give(message: unknown): void; sent: unknown[] } {
  const listeners = new Set<(message: unknown) => void>();
  const sent: unknown[] = [];
  return {
    sent,
    post: (message) => { sent.push(message); },
    onMessage: (listener) => { listeners.add(listener); return () => { listeners.delete(listener); }; },
    give: (message) => { for (const listener of listeners) listener(message); },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

test('calls: only what the contract allows reaches the engine', async () => {
  const reached: { method: string; input: unknown }[] = [];
  const engine = Object.fromEntries(methods.map((method) => [method, (input: unknown) => { reached.push({ method, input }); return method === 'getSettings' ? settings : undefined; }])) as unknown as EngineImplementation;
  const ours = port();
  const unexpected: unknown[] = [];
  serve(engineContract, engine, ours, { onUnexpected: (_method, error) => { unexpected.push(error); } });
  await fc.assert(fc.asyncProperty(frames, async (frame) => {
    reached.length = 0;
    ours.sent.length = 0;
    ours.give(frame);
    await turn();
    expect(reached.length).toBeLessThanOrEqual(1);
    for (const { method, input } of reached) {
      expect(Object.hasOwn(engineContract.methods, method)).toBe(true);
      expect(engineContract.methods[method as 'getSettings'].input.safeParse(input).success).toBe(true);
    }
    ours.sent.length = 0;
    ours.give(request('getSettings', undefined));
    await turn();
    expect(ours.sent).toEqual([expect.objectContaining({ t: 's', i: 'x1', r: { ok: true, value: settings } })]);
    expect(unexpected).toEqual([]);
  }), { numRuns });
}, patience);

test('answers and events: only what the contract allows reaches the window', async () => {
  const ours = port();
  const connection = connect(engineContract, ours);
  const heard: unknown[] = [];
  connection.on('settings', (payload) => { heard.push(payload); });
  const event = (name: string, payload: unknown) => ({ t: 'q', m: 'event', i: 'e', a: [name, payload] });
  const valid = [event('settings', settings), event('account', { name: 'signedOut' }), { t: 's', i: 'x', r: { ok: true, value: settings } }, { t: 's', i: 'x', e: { message: 'boom' } }];
  await fc.assert(fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: nearly(...valid) }, { weight: 1, arbitrary: fc.anything() }), nearly({ ok: true, value: settings }, { ok: false, code: 'internal' }), async (frame, answer) => {
    heard.length = 0;
    ours.give(frame);
    await turn();
    for (const payload of heard) expect(engineContract.events.settings.safeParse(payload).success).toBe(true);
    ours.sent.length = 0;
    const asked = connection.call.getSettings().then((value) => ({ value }), (error: unknown) => ({ error }));
    await turn();
    ours.give({ t: 's', i: (ours.sent.at(-1) as { i: string }).i, r: answer });
    const outcome = await asked;
    if ('value' in outcome) expect(engineContract.methods.getSettings.output.safeParse(outcome.value).success).toBe(true);
    else expect(outcome.error).toMatchObject({ name: 'CallError' });
  }), { numRuns });
}, patience);

test('the local socket: any bytes in any pieces', () => {
  const lines = utf8([request('getStatus', undefined), request('addBytes', { bytes: new Uint8Array([1, 2, 3]) })].map(encodeFrame).join(''));
  fc.assert(fc.property(nearlyBytes(lines), fc.array(fc.nat(300), { maxLength: 5 }), (bytes, cuts) => {
    const read = (pieces: Uint8Array[]): { messages: unknown[]; kept: boolean } => {
      const messages: unknown[] = [];
      const reader = createFrameReader((message) => { messages.push(message); });
      const kept = pieces.map((piece) => reader(Buffer.from(piece)));
      return { messages, kept: kept.at(-1) ?? true };
    };
    const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
    const whole = read([bytes]);
    expect(read(places.slice(1).map((end, index) => bytes.subarray(places[index], end)))).toEqual(whole);
  }), { numRuns });
}, patience);
