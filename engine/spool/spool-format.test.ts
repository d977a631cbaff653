import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headerChecksum } from './spool-crypto.ts';
import { chunkCount, encodeFooter, encodeHeader, headerBytes, maxTrailerBytes, nonceOf, parseFooter, parseHeader, sealedBytes } from './spool-format.ts';

const header = fc.record({
  chunkBytes: fc.integer({ min: 1024, max: 16 * 1024 * 1024 }),
  salt: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  keyId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
});

test('a header comes back as it was written', () => {
  fc.assert(fc.property(header, (written) => {
    const read = parseHeader(encodeHeader(written, headerChecksum), headerChecksum);
    expect(read).toEqual({ name: 'header', header: written });
  }));
});

test('no bytes make the header parser throw, and what was not written by us is damaged', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    expect(parseHeader(bytes, headerChecksum)).toEqual({ name: 'damaged' });
  }), { numRuns: 2000 });
});

test('any single changed bit of a header is noticed', () => {
  fc.assert(fc.property(header, fc.nat(headerBytes * 8 - 1), (written, bit) => {
    const bytes = encodeHeader(written, headerChecksum);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    expect(parseHeader(bytes, headerChecksum)).toEqual({ name: 'damaged' });
  }));
});

test('a header of a later version is told apart from a damaged one', () => {
  const bytes = encodeHeader({ chunkBytes: 4096, salt: new Uint8Array(32), keyId: new Uint8Array(8) }, headerChecksum);
  bytes.writeUInt16BE(7, 8);
  bytes.set(headerChecksum(bytes.subarray(0, 56)).subarray(0, 8), 56);
  expect(parseHeader(bytes, headerChecksum)).toEqual({ name: 'newer-version', version: 7 });
});

test('a footer comes back as it was written, and no bytes make its parser throw or ask for too much', () => {
  fc.assert(fc.property(fc.integer({ min: 17, max: maxTrailerBytes }), (length) => {
    expect(parseFooter(encodeFooter(length))).toBe(length);
  }));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 16 }), (bytes) => {
    expect(parseFooter(bytes) ?? 0).toBeLessThanOrEqual(maxTrailerBytes);
  }));
  expect(parseFooter(encodeFooter(maxTrailerBytes + 1))).toBeUndefined();
});

test('no two chunks of a file share a nonce, nor does the last one or the facts', () => {
  const nonces = new Set<string>();
  for (let number = 0; number < 500; number += 1) {
    for (const use of ['chunk', 'last-chunk', 'facts'] as const) nonces.add(nonceOf(number, use).toString('hex'));
  }
  expect(nonces.size).toBe(1500);
});

test('the length of a sealed file follows from what it holds', () => {
  expect(chunkCount(1024, 1024)).toBe(1);
  expect(chunkCount(1025, 1024)).toBe(2);
  expect(sealedBytes(1025, 1024, 100)).toBe(64 + 1025 + 32 + 100 + 8);
});
