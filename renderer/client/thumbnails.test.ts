import { expect, it } from 'vitest';
import { Thumbnails } from './thumbnails.ts';

const bytes = new Uint8Array([1, 2, 3]);
const never = new AbortController().signal;

it('forgets every picture, and revokes its address', async () => {
  const thumbnails = new Thumbnails({ getThumbnail: async () => ({ bytes }) });
  thumbnails.put('a', bytes);
  const url = thumbnails.peek('a')!;
  expect(await (await fetch(url)).arrayBuffer()).toEqual(bytes.buffer);
  thumbnails.clear();
  expect(thumbnails.peek('a')).toBeUndefined();
  await expect(fetch(url)).rejects.toThrow();
});

it('does not keep what was asked for before and comes afterwards', async () => {
  const { promise, resolve } = Promise.withResolvers<{ bytes: Uint8Array }>();
  let asked = 0;
  const thumbnails = new Thumbnails({
    getThumbnail: () => {
      asked += 1;
      return asked === 1 ? promise : Promise.resolve({ bytes });
    },
  });
  thumbnails.load('before', never);
  thumbnails.clear();
  thumbnails.load('after', never);
  await new Promise<void>((told) => { thumbnails.subscribe(told); });
  resolve({ bytes });
  await promise;
  expect(thumbnails.peek('after')).toBeDefined();
  expect(thumbnails.peek('before')).toBeUndefined();
});
