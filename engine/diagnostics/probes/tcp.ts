import type { ProbeResult, ProbeTarget } from '../../../shared/domain/diagnosis.ts';
import { connectTcp } from './connection.ts';
import { errnoOf, findingOf } from './connection-errors.ts';
import { runProbe, type ProbeContext, type ResolvedAddress } from './probe.ts';

/** L3: one connection to one address. */
export function probeTcp(context: ProbeContext, target: ProbeTarget, to: ResolvedAddress, port: number): Promise<ProbeResult> {
  return runProbe(context, { layer: 'L3', kind: 'tcp', target, family: to.family }, async (signal) => {
    const startedAt = context.clock.monotonic();
    const phases = (): { tcp: number; total: number } => {
      const total = context.clock.monotonic() - startedAt;
      return { tcp: total, total };
    };
    try {
      const socket = await connectTcp(to.address, port, signal);
      socket.destroy();
      return { outcome: 'ok', address: to.address, phases: phases() };
    } catch (error) {
      const errno = signal.aborted ? 'ETIMEDOUT' : errnoOf(error);
      return { outcome: 'failed', address: to.address, finding: findingOf(errno), phases: phases(), ...(errno ? { errno } : {}) };
    }
  });
}
