import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { ProbeKind, ProbeResult, ProbeTarget } from '../../../shared/domain/diagnosis.ts';
import { abortable } from './connection.ts';
import { errnoOf, findingOf } from './connection-errors.ts';
import { runProbe, Skipped, type Lookup, type ProbeContext, type ResolvedAddress } from './probe.ts';

/** The resolver that uploads use: the system's own, with its hosts file and its order. */
export const systemLookup: Lookup = async (host) => (await lookup(host, { all: true, order: 'verbatim' })) as ResolvedAddress[];

/** L2 by the system's resolver. A `control` name is one whose only purpose is to be resolved. */
export function probeDns(context: ProbeContext, target: ProbeTarget, host: string, kind: Extract<ProbeKind, 'dns' | 'dns-control-name'> = 'dns'): Promise<ProbeResult> {
  return runProbe(context, { layer: 'L2', kind, target }, async (signal) => {
    if (isIP(host)) throw new Skipped('an address is given, there is no name to look up');
    return resolve(context, signal, host, () => context.lookup(host));
  });
}

/** L2 past the system's resolver, by a server that an administrator named (`address` or `address:port`). */
export function probeControlResolver(context: ProbeContext, target: ProbeTarget, host: string, server: string): Promise<ProbeResult> {
  return runProbe(context, { layer: 'L2', kind: 'dns-control-resolver', target }, async (signal) => {
    if (isIP(host)) throw new Skipped('an address is given, there is no name to look up');
    const resolver = new Resolver({ timeout: 1000, tries: 2 });
    resolver.setServers([server]);
    const ask = async (): Promise<ResolvedAddress[]> => {
      const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
      const found = [
        ...(four.status === 'fulfilled' ? four.value.map((address): ResolvedAddress => ({ address, family: 4 })) : []),
        ...(six.status === 'fulfilled' ? six.value.map((address): ResolvedAddress => ({ address, family: 6 })) : []),
      ];
      if (found.length === 0 && four.status === 'rejected') throw four.reason;
      return found;
    };
    return resolve(context, signal, host, ask);
  });
}

async function resolve(context: ProbeContext, signal: AbortSignal, host: string, ask: () => Promise<ResolvedAddress[]>) {
  const startedAt = context.clock.monotonic();
  const phases = (): { dns: number; total: number } => {
    const total = context.clock.monotonic() - startedAt;
    return { dns: total, total };
  };
  try {
    const found = await abortable(ask(), signal);
    if (found.length === 0) return { outcome: 'failed' as const, host, finding: 'name-missing' as const, phases: phases() };
    return { outcome: 'ok' as const, host, addresses: found.slice(0, 16).map((one) => one.address), phases: phases() };
  } catch (error) {
    const errno = signal.aborted ? 'ETIMEOUT' : errnoOf(error);
    const finding = findingOf(errno);
    return { outcome: 'failed' as const, host, finding: finding === 'name-missing' ? finding : ('name-error' as const), phases: phases(), ...(errno ? { errno } : {}) };
  }
}
