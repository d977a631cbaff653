import { expect, it } from 'vitest';
import { freeNow } from './free-now.ts';

it('gives back what is a memory of its own', () => {
  const bytes = new Uint8Array(1_000).fill(7);
  freeNow(bytes);
  expect(bytes.byteLength).toBe(0);
});

it('leaves a part of something larger alone: the rest of it may be somebody else’s', () => {
  const whole = new Uint8Array(1_000).fill(7);
  const small = Buffer.from('of the pool that all small buffers share');
  freeNow(whole.subarray(10, 20));
  freeNow(small);
  expect(whole.byteLength).toBe(1_000);
  expect(small.toString()).toBe('of the pool that all small buffers share');
});

it('may be called twice', () => {
  const bytes = new Uint8Array(1_000);
  freeNow(bytes);
  expect(() => { freeNow(bytes); }).not.toThrow();
});
