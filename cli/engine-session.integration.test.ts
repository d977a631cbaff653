import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataFolderInUse } from '../engine/data-folder/lock-holder.ts';
import { openEngineSession, type EngineSession } from './engine-session.ts';
import { localHost } from './local-host.ts';

let dataDir: string;
beforeEach(async () => { dataDir = await mkdtemp(join(tmpdir(), 'relevo-session-')); });
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const io = { environment: {}, signal: new AbortController().signal };
const inUse = (): Promise<DataFolderInUse> => Promise.resolve(new DataFolderInUse(undefined));

test('a folder in use is not tried again before the host wants it', async () => {
  const tries: number[] = [];
  const own = {} as EngineSession;
  const session = await openEngineSession(dataDir, io, {
    openAgainAfterMs: 500,
    openEngine: () => {
      tries.push(performance.now());
      return tries.length < 3 ? inUse() : Promise.resolve(own);
    },
  });
  expect(session).toBe(own);
  expect(tries.slice(1).map((at, place) => at - tries[place]!).filter((pause) => pause < 490)).toEqual([]);
});

test('meanwhile its engine is looked for, and taken as soon as it answers', async () => {
  let tries = 0;
  const coming = openEngineSession(dataDir, io, {
    openAgainAfterMs: 60_000,
    openEngine: () => {
      tries += 1;
      return inUse();
    },
  });
  const running = await localHost.openEngine(dataDir, io);
  if (running instanceof Error) throw running;
  const session = await coming;
  expect(await session.call.getAccount()).toEqual({ name: 'signedOut' });
  expect(tries).toBe(1);
  await session.close();
  await running.close();
});
