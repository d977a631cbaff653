/** @file What passes between main and an engine's process, as ports for typed calls. */
import { hostContract } from '../../shared/host-contract.ts';
import type { HostContract } from '../../shared/host-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { Implementation, MessageChannelPort } from '../../shared/rpc/contract.ts';
import { serve } from '../../shared/rpc/typed-rpc.ts';
import { fromEngineSchema } from '../engine-process/messages.ts';
import type { ToEngine } from '../engine-process/messages.ts';
import type { EngineProcess } from './node-engine-process.ts';

const STOP_LIMIT_MS = 5_000;

/** What an engine may ask of main. */
export type HostCalls = Partial<Implementation<HostContract>>;

/** One kind of the frames that come and go, as a port of its own. */
export function framePort(engine: EngineProcess, type: 'frame' | 'host-frame'): MessageChannelPort {
  return {
    post: (frame) => engine.post({ type, frame } satisfies ToEngine),
    onMessage: (listener) => {
      let listening = true;
      engine.onMessage((raw) => {
        const message = fromEngineSchema.safeParse(raw);
        if (listening && message.success && message.data.type === type) listener(message.data.frame);
      });
      return () => { listening = false; };
    },
  };
}

/** Answers what an engine asks of main, for as long as it runs. */
export function answerEngine(engine: EngineProcess, { chromiumGet, resolveProxy }: HostCalls): void {
  const notHere = (): never => { throw new CallError('not-possible-now'); };
  const server = serve(hostContract, { chromiumGet: chromiumGet ?? notHere, resolveProxy: resolveProxy ?? notHere }, framePort(engine, 'host-frame'));
  engine.onExit(() => server.close());
}

/** Lets it write what is to be written, and waits for its end; by force after five seconds. @param gone resolves at its end */
export async function stopEngine(engine: EngineProcess, gone: Promise<void>): Promise<void> {
  engine.post({ type: 'stop' } satisfies ToEngine);
  const limit = setTimeout(() => engine.kill(), STOP_LIMIT_MS);
  await gone;
  clearTimeout(limit);
}
