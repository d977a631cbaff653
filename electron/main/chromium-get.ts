import { net, session } from 'electron';
import type { HostContract } from '../../shared/host-contract.ts';
import type { Output } from '../../shared/rpc/contract.ts';

type Outcome = Output<HostContract, 'chromiumGet'>;

/**
 * One GET as a browser on this computer would make it: the system's proxy settings and certificate store. Not in the window's
 * session, whose rules let nothing out, and in one that keeps nothing on the disk. Never rejects.
 */
export function chromiumGet({ url, limitMs }: { url: string; limitMs: number }): Promise<Outcome> {
  return new Promise((resolve) => {
    const request = net.request({ url, method: 'GET', redirect: 'manual', credentials: 'omit', cache: 'no-store', session: session.fromPartition('diagnosis') });
    let told = false;
    const tell = (outcome: Outcome): void => {
      if (told) return;
      told = true;
      clearTimeout(limit);
      resolve(outcome);
      request.abort();
    };
    const limit = setTimeout(() => tell({ name: 'failed', error: 'ERR_TIMED_OUT' }), limitMs);
    request.on('response', (response) => tell({ name: 'answer', status: response.statusCode }));
    request.on('redirect', (statusCode) => tell({ name: 'answer', status: statusCode }));
    // A proxy that asks who we are gets no answer here: the sign-in for it is the engine's, and this is only compared with.
    request.on('login', (_details, answer) => answer());
    request.on('error', (error) => tell({ name: 'failed', error: /ERR_[A-Z0-9_]+/.exec(error.message)?.[0] ?? 'ERR_FAILED' }));
    request.end();
  });
}
