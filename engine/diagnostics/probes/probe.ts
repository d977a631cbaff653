import type { Clock } from '../../clock.ts';
import type { Layer, ProbeEvidence, ProbeKind, ProbeResult, ProbeTarget } from '../../../shared/domain/diagnosis.ts';
import type { Routes } from '../../transport/routes.ts';
import type { Trust } from '../../transport/trust.ts';
import type { RunCommand } from './run-command.ts';

export interface ResolvedAddress {
  address: string;
  family: 4 | 6;
}

/** Name to addresses, as this computer's own resolver says. Rejects with an errno such as ENOTFOUND or EAI_AGAIN. */
export type Lookup = (host: string) => Promise<ResolvedAddress[]>;

/** What every probe may use of the world. */
export interface ProbeContext {
  clock: Clock;
  platform: NodeJS.Platform;
  runCommand: RunCommand;
  lookup: Lookup;
  /** The ways that uploads go. */
  routes: Routes;
  /** What uploads trust. */
  trust: Trust;
  signal: AbortSignal | undefined;
}

/** How long each layer may take, in milliseconds. L3: a failed ARP takes 3.07 s to say EHOSTUNREACH, and less would hide it. */
export const layerLimitMs: Record<Layer, number> = { L0: 1000, L1: 3000, L2: 3000, L3: 5000, L4: 5000, L5: 8000, L6: 10_000, L7: 30_000 };

/** Beyond its limit a probe has this long to say so by itself before it counts as broken. */
const graceMs = 1000;

export interface ProbeName {
  layer: Layer;
  kind: ProbeKind;
  target: ProbeTarget;
  family?: 4 | 6;
}

export type ProbeFinding = { outcome: 'ok' | 'failed' } & ProbeEvidence;

/** Thrown by a probe that has nothing to ask: not a failure of anything. The reason is one of ours and holds no data. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

/** Thrown by a probe that could not do its work, which says nothing about its target. */
export class ProbeBroke extends Error {
  override readonly name = 'ProbeBroke';
}

/**
 * Runs one probe within its layer's limit. Never rejects: whatever happens becomes a result.
 *
 * @param run is given a signal that aborts at the limit; it should then say what it was waiting for.
 */
export async function runProbe(context: ProbeContext, name: ProbeName, run: (signal: AbortSignal) => Promise<ProbeFinding>, limitMs = layerLimitMs[name.layer]): Promise<ProbeResult> {
  const base = { ...name, at: { wall: Math.round(context.clock.now()), monotonic: context.clock.monotonic() } };
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  const signal = context.signal ? AbortSignal.any([context.signal, limit.signal]) : limit.signal;
  let hung: NodeJS.Timeout | undefined;
  const guard = new Promise<never>((_, reject) => {
    hung = setTimeout(() => reject(new ProbeBroke('did not end within its time limit')), limitMs + graceMs);
  });
  try {
    const finding = await Promise.race([run(signal), guard]);
    return { ...base, status: 'ran', ...finding };
  } catch (error) {
    if (error instanceof Skipped) return { ...base, status: 'skipped', why: error.message };
    if (context.signal?.aborted) return { ...base, status: 'skipped', why: 'the check was stopped' };
    // The text of an unknown error may hold an address or a token: its name and code say enough.
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    const why = error instanceof ProbeBroke ? error.message : `${error instanceof Error ? error.name : typeof error}${typeof code === 'string' ? ` ${code}` : ''}`;
    return { ...base, status: 'error', why: why.slice(0, 200) };
  } finally {
    clearTimeout(timer);
    clearTimeout(hung);
  }
}

export function skippedProbe(context: ProbeContext, name: ProbeName, why: string): ProbeResult {
  return { ...name, at: { wall: Math.round(context.clock.now()), monotonic: context.clock.monotonic() }, status: 'skipped', why };
}

/** The host of a URL without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

export function portOf(url: URL): number {
  return url.port ? Number(url.port) : url.protocol === 'https:' ? 443 : 80;
}
