import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { fileSeal, keyFrom, openChunk, sealChunk } from './spool-crypto.ts';

test('a key is taken out of the bytes that it came in, and is not among those of the seal', () => {
  const bytes = new Uint8Array(randomBytes(32));
  const copy = Uint8Array.from(bytes);
  const key = keyFrom(bytes);
  expect(bytes).toEqual(new Uint8Array(32));
  expect(new Uint8Array(key.export())).toEqual(copy);
  const seal = fileSeal(key, randomBytes(16), randomBytes(16), 'id');
  expect(Object.values(seal).filter((value) => value instanceof Uint8Array)).toEqual([seal.context]);
  const sealed = Buffer.concat(sealChunk(seal, Buffer.from('a photo'), 0, 'last-chunk'));
  expect(Buffer.from(openChunk(seal, sealed, 0, 'last-chunk')).toString()).toBe('a photo');
});
