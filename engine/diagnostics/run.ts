/**
 * @file One check from beginning to end: which probes, in which order, and when the diagnosis can be told.
 * Probes that do not depend on each other run at the same time; the whole ends within 45 s.
 */
import type { Diagnosis, DiagnosisCode, ProbeResult, RunProgress } from '../../shared/domain/diagnosis.ts';
import type { DiagnosticEnvironment } from './environment.ts';
import { probeContext } from './environment.ts';
import { emptyFacts, type Facts } from './facts.ts';
import { planChecks, type CheckScope, type Step } from './plan.ts';
import { diagnose, diagnoseOnly, rules } from './rules.ts';

export const wholeRunLimitMs = 45_000;

/** What is known from before; absent: nothing. */
export type KnownFacts = Partial<Pick<Facts, 'attempts' | 'drops' | 'changes' | 'comparisons' | 'spacesReachedBefore'>>;

export interface RunOptions {
  /** `local`: what this computer knows of itself, without a packet; `light`: whether the targets answer (L5), as it is done every minute. */
  scope: CheckScope;
  /** Send the test image too (L7); only in a full run. */
  canary?: boolean;
  /** Look for this one alone, with the probes that it needs. */
  only?: DiagnosisCode;
  known?: KnownFacts;
  runId?: string;
  onProgress?: (progress: RunProgress) => void;
  signal?: AbortSignal;
}

export interface RunOutcome {
  diagnosis: Diagnosis;
  probes: ProbeResult[];
  facts: Facts;
  /** From the beginning until the diagnosis was certain, in milliseconds. */
  diagnosedAfterMs: number;
  tookMs: number;
  /** Over the sockets, both ways. */
  bytes: number;
}

/** Never rejects: a probe that breaks is a result. */
export async function runChecks(environment: DiagnosticEnvironment, options: RunOptions): Promise<RunOutcome> {
  const { clock } = environment;
  const startedAt = clock.monotonic();
  const limit = AbortSignal.timeout(wholeRunLimitMs);
  const context = probeContext(environment, options.signal ? AbortSignal.any([options.signal, limit]) : limit);
  const { contract } = environment.targets();
  const results: ProbeResult[] = [];
  let early: { diagnosis: Diagnosis; afterMs: number } | undefined;

  const factsNow = (): Facts => ({
    ...emptyFacts(Math.round(clock.now())), ...options.known, contract, probes: [...results],
    expectedIssuers: environment.expectedIssuers, serverLimitMs: environment.serverLimitMs, diskLowBytes: environment.diskLowBytes,
  });
  const judge = (facts: Facts): Diagnosis => (options.only ? diagnoseOnly(facts, options.only) : diagnose(facts));

  const plan = planChecks(environment, context, { ...options, canary: options.canary ?? false });
  const wanted = options.only ? neededFor(options.only, plan) : plan;
  const pending = new Set<Step>(wanted);
  await Promise.all(wanted.map(async (step) => {
    const result = await step.result();
    results.push(result);
    pending.delete(step);
    if (!early) {
      const diagnosis = judge(factsNow());
      if (isCertain(diagnosis.code, pending, factsNow(), judge)) early = { diagnosis, afterMs: clock.monotonic() - startedAt };
    }
    options.onProgress?.({
      runId: options.runId ?? 'run', done: results.length, total: wanted.length, latest: result, finished: false,
      ...(early ? { diagnosis: early.diagnosis } : {}),
    });
  }));

  const facts = factsNow();
  const diagnosis = judge(facts);
  const tookMs = clock.monotonic() - startedAt;
  options.onProgress?.({ runId: options.runId ?? 'run', done: results.length, total: wanted.length, diagnosis, finished: true });
  return {
    diagnosis, probes: results.toSorted(byLayer), facts, tookMs, diagnosedAfterMs: early?.afterMs ?? tookMs,
    bytes: results.reduce((sum, result) => sum + (result.status === 'ran' ? result.bytes ?? 0 : 0), 0),
  };
}

function neededFor(code: DiagnosisCode, plan: readonly Step[]): Step[] {
  if (code === 'DISK_LOW') return plan.filter((step) => step.name.kind === 'disk');
  if (code === 'FLAPPING') return [];
  const rule = rules.find((one) => one.code === code);
  return rule ? plan.filter((step) => rule.needs.includes(step.name.kind)) : [...plan];
}

/** No probe that is still under way could make an earlier rule match, or this one not. */
function isCertain(code: DiagnosisCode, pending: ReadonlySet<Step>, facts: Facts, judge: (facts: Facts) => Diagnosis): boolean {
  const rule = rules.find((one) => one.code === code);
  if (!rule || code === 'INCONCLUSIVE') return pending.size === 0;
  const ofGateway = facts.probes.filter((one) => one.status === 'ran' && one.kind === 'http' && one.target === 'gateway');
  const gatewayFailed = ofGateway.some((one) => one.status === 'ran' && one.outcome === 'failed');
  const needed = new Set(rules.filter((one) => one.number <= rule.number).flatMap((one) => one.needs));
  const compared: ProbeResult[] = [];
  for (const { name } of pending) {
    if (!needed.has(name.kind)) continue;
    // While the gateway fails, the rules of the way look at what lies elsewhere only to compare it: failing, it says nothing.
    const onlyCompares = gatewayFailed && rule.number <= 10 && (name.target === 'spaces' || name.target === 'control');
    if (!onlyCompares) return false;
    const proxyUsed = ofGateway.some((one) => one.status === 'ran' && one.proxyUsed);
    compared.push({ ...name, at: { wall: facts.at, monotonic: 0 }, status: 'ran', outcome: 'ok', proxyUsed });
  }
  // A name or a server elsewhere that works may tell the gateway's fault from everybody's.
  return compared.length === 0 || judge({ ...facts, probes: [...facts.probes, ...compared] }).code === code;
}

function byLayer(one: ProbeResult, other: ProbeResult): number {
  return one.layer.localeCompare(other.layer) || one.at.monotonic - other.at.monotonic;
}
