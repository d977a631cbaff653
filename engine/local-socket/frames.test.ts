import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFrameReader, encodeFrame } from './frames.ts';

test('messages come out as they went in, however the stream cuts them', () => {
  fc.assert(fc.property(fc.array(fc.jsonValue().filter((value) => !JSON.stringify(value).includes('"$')), { maxLength: 5 }), fc.integer({ min: 1, max: 7 }), (messages, step) => {
    const bytes = Buffer.from(messages.map(encodeFrame).join(''));
    const seen: unknown[] = [];
    const read = createFrameReader((message) => seen.push(message));
    for (let at = 0; at < bytes.length; at += step) expect(read(bytes.subarray(at, at + step))).toBe(true);
    // JSON has one zero.
    expect(JSON.stringify(seen)).toBe(JSON.stringify(messages));
  }), { numRuns: 500 });
});

test('bytes and undefined arguments keep what they are', () => {
  const seen: unknown[] = [];
  createFrameReader((message) => seen.push(message))(Buffer.from(encodeFrame({ bytes: new Uint8Array([0, 255]), a: ['x', undefined], value: undefined, note: 'é\nñ😀' })));
  expect(seen[0])
    .toStrictEqual({ bytes: new Uint8Array([0, 255]), a: ['x', undefined], value: undefined, note: 'é\nñ😀' });
});

test('what is not JSON ends the reading', () => {
  fc.assert(fc.property(fc.string(), (text) => {
    let whole = true;
    try { JSON.parse(text); } catch { whole = false; }
    if (whole || text.includes('\n')) return;
    expect(createFrameReader(() => undefined)(Buffer.from(`${text}\n`))).toBe(false);
  }));
});
