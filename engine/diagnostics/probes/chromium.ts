/** @file L5 through the browser's own network stack: it has its own proxy settings, certificate store and CORS rules. */
import type { ProbeResult } from '../../../shared/domain/diagnosis.ts';
import { runProbe, Skipped, type ProbeContext, type ProbeFinding } from './probe.ts';

/** How a try through Chromium ended. `error` is its own name of it, such as `ERR_CERT_AUTHORITY_INVALID`, without `net::`. */
export type ChromiumOutcome = { name: 'answer'; status: number } | { name: 'failed'; error: string };

/**
 * Chromium's stack, where there is one: Electron's main process implements it with `net.fetch`. It follows no redirects,
 * sends no cookies and does not throw.
 */
export interface ChromiumFetch {
  get(url: string, limitMs: number): Promise<ChromiumOutcome>;
  /**
   * A page's own fetch, which CORS applies to. Nothing in this product gives one: the window has no network at all
   * (`connect-src 'none'`). The laboratory does, as a page of the clinic's that asks the gateway would.
   */
  getFromRenderer?(url: string, limitMs: number): Promise<ChromiumOutcome>;
}

const limitMs = 8000;

export function probeChromium(context: ProbeContext, kind: 'chromium' | 'renderer', chromium: ChromiumFetch | undefined, url: URL): Promise<ProbeResult> {
  return runProbe(context, { layer: 'L5', kind, target: 'gateway' }, async (): Promise<ProbeFinding> => {
    const get = kind === 'chromium' ? chromium?.get.bind(chromium) : chromium?.getFromRenderer?.bind(chromium);
    if (!get) throw new Skipped(kind === 'chromium' ? 'Chromium’s stack is not part of this process' : 'the window has no network of its own');
    const startedAt = context.clock.monotonic();
    const outcome = await get(url.href, limitMs);
    const phases = { total: context.clock.monotonic() - startedAt };
    if (outcome.name === 'failed') {
      const errno = outcome.error.replace(/^net::/, '').slice(0, 60);
      return { outcome: 'failed', errno, phases, finding: errno.startsWith('ERR_CERT') ? 'certificate-untrusted' : errno.includes('PROXY') || errno.includes('TUNNEL') ? 'proxy-error' : 'connect-error' };
    }
    const good = outcome.status >= 200 && outcome.status < 400;
    return { outcome: good ? 'ok' : 'failed', httpStatus: outcome.status, phases, ...(good ? {} : { finding: 'odd-answer' as const }) };
  });
}
