import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { TestClient } from '../../../sandbox/testing/client.ts';
import { temporarySandbox } from '../../../sandbox/testing/temporary-sandbox.ts';
import { diagnosticEnvironment, probeContext } from '../environment.ts';
import { startHttp, type Running } from '../laboratory/servers.ts';
import { canaryBytes, canaryImage } from './canary-image.ts';
import { probeCanary } from './canary.ts';

let running: Running | undefined;
afterEach(async () => { await running?.close(); running = undefined; });

/** A backend of contract B and its Spaces in one, which keeps what it was asked. */
async function backend(options: { offers?: boolean; keyPrefix?: string; spoil?: boolean } = {}) {
  const asked: string[] = [];
  const stored = new Map<string, Buffer>();
  running = await startHttp((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const call = `${request.method} ${request.url}`;
      asked.push(call);
      const answer = (data: unknown): void => { response.writeHead(200, { 'content-type': 'application/json' }); response.end(JSON.stringify({ status: 'success', message: '', data, error: null, trace_id: 't' })); };
      if (call === 'GET /media/capabilities') answer({ uploads: { version: 1 }, ...(options.offers === false ? {} : { canary: { patient_id: 'canary-0', prefix: 'canary/' } }) });
      else if (call === 'POST /media/patients/canary-0/uploads') answer({ upload: { id: 'u1', object_key: `${options.keyPrefix ?? 'canary/'}u1.png` } });
      else if (call === 'POST /media/uploads/u1/parts') answer({ parts: [{ number: 1, url: `http://127.0.0.1:${running!.port}/store/u1.png`, headers: { 'x-signed': 'yes' } }] });
      else if (request.method === 'PUT') {
        stored.set(request.url!, body);
        response.writeHead(200, { etag: `"${createHash('md5').update(options.spoil ? 'else' : body).digest('hex')}"` });
        response.end();
      } else if (call === 'DELETE /media/uploads/u1') { stored.clear(); answer({}); } else { response.writeHead(404); response.end(); }
    });
  });
  const gateway = new URL(`http://127.0.0.1:${running.port}`);
  const environment = diagnosticEnvironment({ targets: () => ({ gateway: gateway.href, spaces: undefined, contract: 'upload-sessions' }), token: async () => 'token', diskFolder: '/tmp' });
  return { asked, stored, gateway, context: probeContext(environment, undefined) };
}

test('goes the real way in its own place, and leaves nothing behind', async () => {
  const { asked, stored, gateway, context } = await backend();
  for (let time = 0; time < 2; time += 1) expect(await probeCanary(context, gateway, 'upload-sessions', async () => 'token')).toMatchObject({ status: 'ran', outcome: 'ok', answeringHop: 'spaces' });
  expect(asked.slice(0, 5)).toEqual(['GET /media/capabilities', 'POST /media/patients/canary-0/uploads', 'POST /media/uploads/u1/parts', 'PUT /store/u1.png', 'DELETE /media/uploads/u1']);
  expect(asked.some((call) => call.includes('complete'))).toBe(false);
  expect(stored.size).toBe(0);
});

test('goes to the sandbox as it would to a backend that offers a place, and nobody can make a photo of it', async () => {
  const { sandbox, dispose } = await temporarySandbox();
  try {
    const nurse = await TestClient.signIn(sandbox);
    const gateway = new URL(sandbox.ready.gateway);
    const environment = diagnosticEnvironment({ targets: () => ({ gateway: gateway.href, spaces: undefined, contract: 'upload-sessions' }), token: async () => nurse.accessToken, diskFolder: '/tmp' });
    expect(await probeCanary(probeContext(environment, undefined), gateway, 'upload-sessions', async () => nurse.accessToken)).toMatchObject({ status: 'ran', outcome: 'ok', answeringHop: 'spaces' });
    expect([sandbox.store.photos(), await sandbox.store.objects(), await sandbox.store.objects({ prefix: 'canary/' })]).toEqual([[], [], []]);

    const image = Buffer.from(canaryImage());
    const { upload } = (await nurse.createUpload('relevo-canary', image, { content_type: 'image/png' })).json.data;
    expect((await nurse.put(upload.single_put, image)).status).toBe(200);
    expect((await nurse.complete(upload.id, [{ number: 1, etag: createHash('md5').update(image).digest('hex') }])).status).toBe(404);
    expect([(await sandbox.store.objects()).length, (await sandbox.store.objects({ prefix: 'canary/' })).length]).toEqual([0, 1]);
    await nurse.call('DELETE', `/media/uploads/${upload.id}`);
    expect(await sandbox.store.objects({ prefix: 'canary/' })).toEqual([]);
    expect((await nurse.createUpload('relevo-canary', Buffer.alloc(10_000), { content_type: 'image/png' })).status).toBe(413);
  } finally {
    await dispose();
  }
});

test('no byte is sent where the backend offers no place for it, on contract A, or to nobody signed in', async () => {
  const { asked, gateway, context } = await backend({ offers: false });
  for (const [contract, token] of [['upload-sessions', 'token'], ['gateway-photo', 'token'], ['upload-sessions', undefined], [undefined, 'token']] as const) {
    expect((await probeCanary(context, gateway, contract, async () => token)).status).toBe('skipped');
  }
  expect(new Set(asked)).toEqual(new Set(['GET /media/capabilities']));
});

test('a key outside its own prefix ends it before a byte is sent', async () => {
  const { asked, stored, gateway, context } = await backend({ keyPrefix: 'patients/42/' });
  expect((await probeCanary(context, gateway, 'upload-sessions', async () => 'token')).status).toBe('error');
  expect(asked.some((call) => call.startsWith('PUT'))).toBe(false);
  expect(asked).toContain('DELETE /media/uploads/u1');
  expect(stored.size).toBe(0);
});

test('another ETag than that of its bytes is found out', async () => {
  const { gateway, context } = await backend({ spoil: true });
  expect(await probeCanary(context, gateway, 'upload-sessions', async () => 'token')).toMatchObject({ outcome: 'failed', finding: 'integrity' });
});

test('it is a PNG of exactly 1 KiB, the same every time', () => {
  const image = canaryImage();
  expect(image.length).toBe(canaryBytes);
  expect(Buffer.from(image.subarray(0, 8)).toString('hex')).toBe('89504e470d0a1a0a');
  expect(Buffer.compare(image, canaryImage())).toBe(0);
});
