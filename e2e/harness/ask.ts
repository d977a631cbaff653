import type { RelevoBridge } from '../../shared/app-contract.ts';
import type { RelevoApp } from './app.ts';

declare global {
  interface Window { relevo: RelevoBridge }
}

interface Answer { ok: boolean; code?: string; detail?: string; value?: unknown }

/** Asks over the bridge as the page does, below its typed client. */
export function ask({ page }: RelevoApp, method: string, input?: unknown): Promise<Answer> {
  return page.evaluate(([name, value]) => new Promise<Answer>((resolve) => {
    const id = crypto.randomUUID();
    const stop = window.relevo.onMessage((message) => {
      const { t, i, r } = message as { t: string; i: string; r: Answer };
      if (t !== 's' || i !== id) return;
      stop();
      resolve(r);
    });
    window.relevo.post({ t: 'q', m: 'call', i: id, a: [name, value] });
  }), [method, input] as const);
}
