import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectLocalSocket } from '../engine/local-socket/connect-local-socket.ts';
import { localHost } from './local-host.ts';

let dataDir: string;
beforeEach(async () => { dataDir = await mkdtemp(join(tmpdir(), 'relevo-local-')); });
afterEach(() => rm(dataDir, { recursive: true, force: true }));

test('one that waits for another command hears that nobody wants to wait any more', async () => {
  const interruption = new AbortController();
  const session = await localHost.openEngine(dataDir, { environment: {}, signal: interruption.signal });
  if (session instanceof Error) throw session;
  const other = (await connectLocalSocket(dataDir))!;
  let closed = false;
  const closing = session.close().then(() => { closed = true; });
  await new Promise((resolve) => { setTimeout(resolve, 200); });
  expect(await other.call.getAccount()).toEqual({ name: 'signedOut' });
  expect(closed).toBe(false);
  interruption.abort(new Error('no more of it'));
  await closing;
  await expect(other.call.getAccount()).rejects.toMatchObject({ code: 'engine-stopped' });
});
