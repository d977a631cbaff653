import { threadPoolSize } from '../../engine/thread-pool.ts';

/**
 * What the engine's process must not inherit: secrets, and what would change how it runs. Node's own settings can switch the checking of
 * certificates off and write requests with their tokens to a stream; only further authorities may be named.
 */
const WITHHELD = /^(RELEVO_KEY|RELEVO_DEMO_.*|NODE_(?!EXTRA_CA_CERTS$).*|SSLKEYLOGFILE|ELECTRON_.*)$/;

/** Enough that cards which hang leave some for the network and the disk. See [Note: a card that hangs]; it must stand there when the process begins. */
const THREADS = { UV_THREADPOOL_SIZE: String(threadPoolSize) };

export function engineEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...Object.fromEntries(Object.entries(environment).filter(([name]) => !WITHHELD.test(name))), ...THREADS };
}
