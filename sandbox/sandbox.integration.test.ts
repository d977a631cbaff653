import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { md5, sha256, TestClient } from './testing/client.ts';
import { temporarySandbox } from './testing/temporary-sandbox.ts';

const partBytes = 64 * 1024;

async function inFolder(work: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'relevo-sandbox-test-'));
  try {
    await work(dataDir);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

it('keeps accounts, tokens, sessions, parts and photos over a restart', () =>
  inFolder(async (dataDir) => {
    const [done, open] = [randomBytes(1000), randomBytes(partBytes * 2)];
    const before = await temporarySandbox({ dataDir, limits: { partBytes } });
    const nurse = await TestClient.signIn(before.sandbox);
    const { upload: first } = (await nurse.createUpload(nurse.patient(), done)).json.data;
    await nurse.put(first.single_put, done);
    const { photo } = (await nurse.complete(first.id, [{ number: 1, etag: md5(done) }])).json.data;
    const id = randomUUID();
    const { upload: second } = (await nurse.createUpload(nurse.patient(), open, { client_upload_id: id })).json.data;
    const [one] = await nurse.sendParts(second, open, [1]);
    const { photo: profile } = (await nurse.sendPhoto(nurse.patient(), done)).json.data;
    await before.dispose();

    const after = await temporarySandbox({ dataDir, limits: { partBytes: partBytes / 2 } });
    try {
      expect(after.sandbox.ready).toMatchObject({ password: before.sandbox.ready.password, patients: before.sandbox.ready.patients });
      const again = await TestClient.signIn(after.sandbox);
      again.accessToken = nurse.accessToken;
      expect((await again.complete(first.id, [{ number: 1, etag: md5(done) }])).json.data.photo).toEqual(photo);
      const resumed = (await again.createUpload(again.patient(), open, { client_upload_id: id })).json.data.upload;
      // The part size is the session's own, whatever the server now prefers.
      expect(resumed).toMatchObject({ id: second.id, state: 'open', part_bytes: partBytes, parts: [{ number: 1, size: partBytes, etag: one!.etag.replaceAll('"', '') }] });
      const [two] = await again.sendParts(resumed, open, [2]);
      expect((await again.complete(second.id, [one!, two!])).json.data.photo.sha256).toBe(sha256(open));
      expect(await after.sandbox.store.unfinishedUploads()).toEqual([]);
      expect((await after.sandbox.store.objects()).map((object) => object.sha256).sort()).toEqual([sha256(done), sha256(done), sha256(open)].sort());
      expect((await fetch(profile.url, { method: 'HEAD' })).status).toBe(200);
    } finally {
      await after.dispose();
    }
  }));

it('starts and stops each service by itself, on the same port', async () => {
  const { sandbox, dispose } = await temporarySandbox();
  try {
    const nurse = await TestClient.signIn(sandbox);
    for (const [name, service] of Object.entries(sandbox.services)) {
      const { url } = service;
      await service.stop();
      expect(service.running, name).toBe(false);
      await expect(fetch(url), name).rejects.toThrow();
      await service.start();
      await service.start();
      expect([service.running, service.url], name).toEqual([true, url]);
    }
    const body = randomBytes(1000);
    const { upload } = (await nurse.createUpload(nurse.patient(), body)).json.data;
    await nurse.put(upload.single_put, body);
    expect((await nurse.complete(upload.id, [{ number: 1, etag: md5(body) }])).status).toBe(200);
  } finally {
    await dispose();
  }
});

it('ends what media was doing when it stops', async () => {
  const { sandbox, dispose } = await temporarySandbox({ contract: 'heartguard', timeouts: { gatewayMs: 2_000 } });
  try {
    const nurse = await TestClient.signIn(sandbox);
    sandbox.faults.media({ spacesUnreachable: { slow: 4_000 } });
    expect((await nurse.sendPhoto(nurse.patient(), randomBytes(1000))).status).toBe(504);
    await sandbox.services.media.stop();
    await sandbox.services.media.start();
    sandbox.faults.media({ spacesUnreachable: null });
    // Longer than Spaces would have taken.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(sandbox.store.profilePhotos()).toEqual([]);
    expect(await sandbox.store.objects()).toEqual([]);
  } finally {
    await dispose();
  }
});

it('keeps no password in the clear but its own for the demo, and hashes that of the accounts', () =>
  inFolder(async (dataDir) => {
    const { sandbox, dispose } = await temporarySandbox({ dataDir });
    await dispose();
    expect(sandbox.accounts.map(({ systemRole }) => systemRole)).toEqual(['user', 'user', 'superadmin']);
    const log = await readFile(join(dataDir, 'backend.sqlite'), 'latin1');
    expect(log.split(sandbox.ready.password)).toHaveLength(2);
    expect(await readdir(dataDir)).toEqual(['backend.sqlite', 'spaces']);
  }));

it('takes the port it is given, or says that it is taken', async () => {
  const first = await temporarySandbox();
  const port = Number(new URL(first.sandbox.ready.gateway).port);
  try {
    await inFolder((dataDir) => expect(temporarySandbox({ dataDir, port })).rejects.toMatchObject({ code: 'EADDRINUSE' }));
  } finally {
    await first.dispose();
  }
  const second = await temporarySandbox({ port });
  expect(second.sandbox.ready.gateway).toBe(`http://127.0.0.1:${port}`);
  await second.dispose();
});
