import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { ownKeysSchema } from '../../shared/domain/own-keys.ts';
import { systemClock } from '../clock.ts';
import { factsFor } from '../queue/upload-facts-for-tests.ts';
import type { Http } from './http.ts';
import { createUploadSessionsTransport } from './upload-sessions.ts';
import { uploadAnswerSchema } from './wire.ts';

it('no byte of a photo goes in clear where the gateway is asked by https', async () => {
  const bytes = Buffer.from('a photo');
  const md5 = createHash('md5').update(bytes).digest('hex');
  const asked: string[] = [];
  const http: Http = {
    send: async ({ url }) => { asked.push(url); return { status: 200, headers: { etag: `"${md5}"` }, body: new Uint8Array(), phases: { total: 1 } }; },
    forgetConnections: () => undefined,
    close: () => undefined,
  };
  const photo = factsFor({ sizeBytes: bytes.length, md5 });
  const sendTo = async (gateway: string): Promise<string> => {
    const upload = {
      id: 'u', client_upload_id: photo.id, state: 'open', object_key: 'k', part_bytes: 100, part_count: 1, parts: [],
      single_put: { url: 'http://spaces.example/k?X-Amz-Signature=s', headers: {}, expires_at: 9e12 },
    };
    const transport = createUploadSessionsTransport({
      at: gateway, http, clock: systemClock, limits: { contract: 'upload-sessions', maxFileBytes: 1e9, acceptedTypes: ['image/jpeg'], partBytes: 100, maxPartsInFlight: 1, learntAt: 1 },
      client: { call: async ({ answer }) => answer.parse(uploadAnswerSchema.parse({ upload })), clockOffsetMs: () => 0, sendBody: () => Promise.reject(new Error('not here')) },
    });
    const { signal } = new AbortController();
    const report = await transport.open(photo, { signal });
    if (report.name !== 'open') return report.name;
    return transport.sendPart(photo, report.session, { number: 1, chunks: [bytes], sizeBytes: bytes.length, md5 }, { signal }).then(() => 'sent', (error: { code: string }) => error.code);
  };
  expect(await sendTo('https://gw.example')).toBe('malformed');
  expect(asked).toEqual([]);
  expect(await sendTo('http://gw.example')).toBe('sent');
});

it.each([
  ['https://ams3.digitaloceanspaces.com', true], ['http://ams3.digitaloceanspaces.com', false], ['http://10.0.0.5:9000', false],
  ['http://127.0.0.1:7480', true], ['http://photos.localhost:7480', true], ['http://localhost.example', false],
])('a store of one’s own at %s: %s', (endpoint, may) => {
  expect(ownKeysSchema.safeParse({ endpoint, region: 'ams3', bucket: 'photos', accessKeyId: 'K' }).success).toBe(may);
});
