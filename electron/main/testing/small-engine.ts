/**
 * @file An engine's process without an engine, for the tests of what supervises it: speaks the real messages over the real pipe.
 * Its gateway tells what it was given.
 */
import { defaultSettings } from '../../../shared/domain/settings.ts';
import type { EngineImplementation } from '../../../shared/engine-contract.ts';
import { engineContract } from '../../../shared/engine-contract.ts';
import { serve } from '../../../shared/rpc/typed-rpc.ts';
import { toEngineSchema } from '../../engine-process/messages.ts';
import { parentChannel } from '../../engine-process/parent-channel.ts';

const channel = parentChannel();
channel.onGone(() => process.exit(0));
channel.onMessage((raw) => {
  const message = toEngineSchema.parse(raw);
  if (message.type === 'stop') process.exit(0);
  if (message.type !== 'start') return;
  const { dataDir, key } = message;
  if (dataDir === '/in-use') {
    channel.post({ type: 'failed', code: 'data-folder-in-use' });
    setTimeout(() => process.exit(1), 20);
    return;
  }
  const told = JSON.stringify({ pid: process.pid, key: Buffer.from(key.bytes).toString('hex'), source: key.source });
  const calls: Partial<EngineImplementation> = {
    getAccount: () => ({ name: 'signedOut', gateway: told }),
    // Never answers.
    sync: () => new Promise(() => undefined),
    getThumbnail: () => ({ bytes: new Uint8Array([1, 2, 3]) }),
  };
  const server = serve(engineContract, calls as EngineImplementation, {
    post: (frame) => channel.post({ type: 'frame', frame }),
    onMessage: (listener) => channel.onMessage((other) => {
      const parsed = toEngineSchema.parse(other);
      if (parsed.type === 'frame') listener(parsed.frame);
    }),
  });
  channel.post({ type: 'ready' });
  setInterval(() => server.emit('settings', { ...defaultSettings, language: 'en', theme: 'dark', concurrency: 3 }), 20);
});
