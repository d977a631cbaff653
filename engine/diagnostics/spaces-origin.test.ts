import { expect, test } from 'vitest';
import { forgetOwnKeys, keepOwnKeys } from '../account/own-keys.ts';
import type { HttpRequest } from '../transport/http.ts';
import { createSpacesOrigin } from './spaces-origin.ts';

const gateway = 'https://gw.example';

test('Spaces are where own keys say, and where the uploads went before when those are gone', async () => {
  const entries = new Map<string, string>();
  const store = { get: (key: string) => entries.get(key), set: (key: string, json: string) => { entries.set(key, json); }, delete: (key: string) => { entries.delete(key); } };
  const origin = createSpacesOrigin(store, () => gateway);
  const http = origin.watch({ send: () => Promise.resolve({ status: 200, headers: {}, body: new Uint8Array(0), phases: { total: 1 } }), forgetConnections: () => undefined, close: () => undefined });
  const send = (url: string): Promise<unknown> => http.send({ method: 'PUT', url, headers: {}, endpoint: 'spaces', deadlines: { connectMs: 1, stallMs: 1 } } satisfies HttpRequest);
  expect(origin.of(gateway)).toBeUndefined();
  await send('https://theirs.example/bucket/key?X=1');
  expect(origin.of(gateway)).toBe('https://theirs.example');
  keepOwnKeys(store, gateway, { endpoint: 'https://own.example', region: 'r', bucket: 'bucket', accessKeyId: 'k', secretAccessKey: 's', pathStyle: false }, 1);
  await send('https://bucket.own.example/key');
  expect([origin.of(gateway), origin.of('https://other.example')]).toEqual(['https://own.example', undefined]);
  forgetOwnKeys(store, gateway);
  expect(origin.of(gateway)).toBe('https://theirs.example');
});
