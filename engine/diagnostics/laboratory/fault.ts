import type { DiagnosisCode, OverlayCode } from '../../../shared/domain/diagnosis.ts';
import { diagnosticEnvironment, type DiagnosticEnvironment, type GivenEnvironment } from '../environment.ts';
import { directRoutes, type Route, type Routes } from '../../transport/routes.ts';
import { trustOnly } from '../../transport/trust.ts';
import { runChecks, type KnownFacts, type RunOutcome } from '../run.ts';

/** Something that is really broken, and what must be said of it. */
export interface Fault {
  name: string;
  expected: DiagnosisCode;
  overlay?: OverlayCode;
  /** The layers' own limits allow no answer sooner; absent: ten seconds. In milliseconds. */
  allowedMs?: number;
  /** Measures time, so that nothing else may run beside it. */
  alone?: boolean;
  /** Breaks it, looks, mends it. */
  observe(): Promise<Observed>;
}

export interface Observed {
  given: DiagnosisCode;
  overlays: readonly OverlayCode[];
  certainty: string;
  /** Until the diagnosis was certain, in milliseconds. */
  afterMs: number;
  /** For a look at what went wrong in the laboratory itself. */
  probes: readonly string[];
}

export type GivenLaboratory = Partial<GivenEnvironment> & {
  gateway: string | undefined;
  spaces?: string;
  contract?: 'upload-sessions' | 'gateway-photo';
  /** The only authorities that are trusted. */
  trusted?: readonly string[];
  /** Proxies, in the order in which they are to be tried. */
  proxies?: readonly { host: string; port: number }[];
};

export function laboratoryEnvironment({ gateway, spaces, contract, trusted, proxies, ...rest }: GivenLaboratory): DiagnosticEnvironment {
  const routes: Routes = { ...directRoutes, find: async () => (proxies ?? []).map((proxy): Route => ({ name: 'proxy', proxy: { ...proxy, secure: false } })) };
  return diagnosticEnvironment({
    ...(trusted ? { trust: trustOnly(trusted) } : {}), ...(proxies ? { routes } : {}),
    targets: () => ({ gateway, spaces, contract: contract ?? 'upload-sessions' }), token: async () => 'laboratory-token', diskFolder: '/tmp', diskLowBytes: 1024, ...rest,
  });
}

/** A full check of what was set up. */
export async function look(environment: DiagnosticEnvironment, known?: KnownFacts): Promise<Observed> {
  return observed(await runChecks(environment, { scope: 'full', canary: true, ...(known ? { known } : {}) }));
}

export function observed(outcome: RunOutcome): Observed {
  return {
    given: outcome.diagnosis.code, overlays: outcome.diagnosis.overlays, certainty: outcome.diagnosis.certainty, afterMs: outcome.diagnosedAfterMs,
    probes: outcome.probes.map((probe) => {
      const { at: _at, ...rest } = probe;
      return JSON.stringify(rest);
    }),
  };
}

/** Uses several things and ends them in the other order, whatever happens. */
export async function using<T>(use: (keep: <R extends { close(): Promise<void> }>(resource: R | Promise<R>) => Promise<R>) => Promise<T>): Promise<T> {
  const kept: { close(): Promise<void> }[] = [];
  try {
    return await use(async (resource) => {
      const ready = await resource;
      kept.push(ready);
      return ready;
    });
  } finally {
    for (const resource of kept.toReversed()) await resource.close();
  }
}
