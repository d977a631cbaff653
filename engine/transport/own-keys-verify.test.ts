import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { RemotePhoto } from '../../shared/domain/upload.ts';
import { factsFor } from '../queue/upload-facts-for-tests.ts';
import { systemClock } from '../clock.ts';
import type { Http, HttpAnswer } from './http.ts';
import { createOwnKeysTransport, multipartEtag } from './own-keys.ts';
import { IntegrityMismatch, type RemoteSession } from './transport.ts';

const partBytes = 5 * 1024 ** 2;
const bytes = Buffer.alloc(2 * partBytes + 100, 'photo');
const digest = (algorithm: string, of: Uint8Array): string => createHash(algorithm).update(of).digest('hex');
const photo = factsFor({ sizeBytes: bytes.length, sha256: digest('sha256', bytes), md5: digest('md5', bytes) });
const md5s = [0, 1, 2].map((part) => digest('md5', bytes.subarray(part * partBytes, (part + 1) * partBytes)));
const session: RemoteSession = { transport: 'own-keys', at: 'https://store.example/b', sessionId: 's', partBytes, openedAt: 1 };
const { signal } = new AbortController();

/** A store with an object that an earlier process has completed. */
function storeWith(object: { etag: string; bytes: Uint8Array }) {
  const asked: string[] = [];
  const http: Http = {
    async send({ method, onAnswer }): Promise<HttpAnswer> {
      asked.push(method);
      if (method === 'GET') for (let at = 0; at < object.bytes.length; at += 1_000_000) onAnswer?.(object.bytes.subarray(at, at + 1_000_000));
      return {
        status: 200, phases: { total: 1 }, body: method === 'GET' && !onAnswer ? object.bytes : new Uint8Array(),
        headers: { etag: `"${object.etag}"`, 'content-length': String(object.bytes.length), 'x-amz-meta-sha256': photo.sha256 },
      };
    },
    forgetConnections: () => undefined, close: () => undefined,
  };
  const target = { endpoint: 'https://store.example', region: 'r', bucket: 'b', accessKeyId: 'k', secretAccessKey: 's', pathStyle: true };
  const said: RemotePhoto = { photoId: photo.id, objectKey: 'k', sizeBytes: photo.sizeBytes, sha256: photo.sha256, uploadedAt: 1 };
  const transport = createOwnKeysTransport({ http, clock: systemClock, target });
  return { asked, verify: (parts?: string[]) => transport.verify(photo, session, said, { signal, partMd5s: async () => parts }) };
}

it('knows an object of an earlier process by the digests of its parts, and does not read it back', async () => {
  const { asked, verify } = storeWith({ etag: multipartEtag(md5s), bytes });
  await verify(md5s);
  expect(asked).toEqual(['HEAD']);
});

it.each([['whose parts nobody knows', undefined], ['that was cut otherwise', ['d41d8cd98f00b204e9800998ecf8427e']]])('reads back, a piece at a time, an object %s', async (_name, parts) => {
  const good = storeWith({ etag: multipartEtag(md5s), bytes });
  await good.verify(parts);
  expect(good.asked).toEqual(['HEAD', 'GET']);
  const bad = storeWith({ etag: multipartEtag(md5s), bytes: Buffer.from(bytes).fill(7, 100, 101) });
  await expect(bad.verify(parts)).rejects.toThrow(IntegrityMismatch);
});
