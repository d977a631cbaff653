/** @file Rules 29–35: patterns over time, and what is left. */
import type { Evidence, ProbeResult } from '../../shared/domain/diagnosis.ts';
import type { FailureCode } from '../../shared/domain/failure.ts';
import type { UploadAttempt } from './facts.ts';
import { lastFailing } from './failed-uploads.ts';
import { momentsOf } from './moments.ts';
import type { Rule } from './rule.ts';
import { isClosed } from './rules-service.ts';
import { attemptEvidence, gaveUp, hopOfAttempt, probeEvidence, type View } from './view.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
/** Fewer uploads than this say nothing about a share of them. */
const leastUploadsForShare = 10;
/** Below this no phase is slow to a person, however many times its baseline it is; in milliseconds. */
const neverSlowBelowMs = 100;

/** No connection to it came about. */
const notReached: ReadonlySet<FailureCode> = new Set(['connect-timeout', 'connection-refused', 'offline', 'dns-failed', 'proxy-failed']);

const history = (says: string): Evidence => ({ source: 'history', says });

export const patternRules: readonly Rule[] = [
  {
    number: 29, code: 'TIMEOUT_BUDGET', needs: ['http'],
    match: (view) => {
      if (!view.gatewayWorks) return undefined;
      const early = view.failedTail.filter((attempt) => gaveUp(attempt) && attempt.durationMs < view.facts.serverLimitMs);
      return early.length > 0
        ? { evidence: [...early.map(attemptEvidence), history(`the server's own limit is ${Math.round(view.facts.serverLimitMs / 1000)} s`)] } : undefined;
    },
  },
  {
    number: 30, code: 'UPLOAD_FIRST_TRY_FLAKY', needs: [],
    match: (view) => {
      if (failsNow(view) || lastFailing(view.failedSeries, () => true).length > 0) return undefined;
      const sent = view.facts.attempts.filter((attempt) => attempt.outcome === 'ok' && view.facts.at - attempt.at <= day).slice(-20);
      const firstFailures = sent.flatMap((attempt) => (attempt.try > 1 ? firstFailureOf(view, attempt) ?? [] : [])).filter(madeByServer);
      if (sent.length < leastUploadsForShare || firstFailures.length / sent.length < 0.2) return undefined;
      // One outage fails whatever is under way, for as long as it lasts; only where photos went through in between do they fail by themselves.
      const moments = momentsOf(firstFailures.map((attempt) => attempt.at));
      const apart = moments.some((at, index) => index > 0 && sent.some((attempt) => attempt.at > moments[index - 1]! && attempt.at < at));
      return apart ? { evidence: [history(`${firstFailures.length} of the last ${sent.length} uploads needed a further try after an error of the server`)] } : undefined;
    },
  },
  {
    number: 31, code: 'SERVER_BUG', needs: [],
    match: (view) => {
      const last = view.failedTail.slice(-3);
      const first = last[0]?.failure;
      const same = last.length === 3 && first?.httpStatus !== undefined && first.httpStatus >= 500
        && last.every((attempt) => attempt.failure?.httpStatus === first.httpStatus && attempt.failure?.detail === first.detail && attempt.durationMs <= 2000);
      return same ? { evidence: last.map(attemptEvidence) } : undefined;
    },
  },
  {
    number: 32, code: 'RECONNECT_LOOP', needs: [],
    match: (view) => {
      if (failsNow(view)) return undefined;
      const drops = view.facts.drops.filter((at) => view.facts.at - at <= 10 * minute && at <= view.facts.at);
      const times = momentsOf(drops).length;
      return times >= 4 ? { evidence: [history(`${times} dropped connections in 10 min${drops.length > times ? ` (${drops.length} uploads)` : ''}`)] } : undefined;
    },
  },
  {
    number: 33, code: 'SLOW_PATH', needs: [],
    match: (view) => {
      if (failsNow(view)) return undefined;
      const slow = view.facts.comparisons
        .filter((one) => one.p50Ms > 3 * one.baselineMs && one.p50Ms >= neverSlowBelowMs)
        .toSorted((one, other) => other.p50Ms - one.p50Ms);
      return slow.length > 0
        ? { evidence: slow.map((one) => ({ source: 'history', target: one.target, says: `${one.phase} p50 ${Math.round(one.p50Ms)} ms, usually ${Math.round(one.baselineMs)} ms` })) } : undefined;
    },
  },
  {
    number: 34, code: 'SPACES_UNREACHABLE_FROM_CLIENT', needs: ['dns', 'tcp', 'http'],
    match: (view) => {
      if (view.failedTargets.includes('gateway')) return undefined;
      if (view.clientReachesSpaces !== false) {
        // Presigned addresses may name another host than the one that is checked, and a filter may spare a small request.
        const photos = lastFailing(view.failedSeries, (failure) => failure.endpoint === 'spaces' && notReached.has(failure.code));
        return photos.length > 0 ? { evidence: photos.map(attemptEvidence), certainty: 'probable', severity: 'fail' } : undefined;
      }
      const evidence = [...view.ran('tcp', 'spaces'), ...view.ran('http', 'spaces')].map(probeEvidence);
      // Information only while photos arrive all the same; where they go straight to Spaces and do not, it is the fault itself.
      return view.uploadsWork || view.facts.contract === undefined || view.facts.contract === 'gateway-photo' ? { evidence } : { evidence, severity: 'fail' };
    },
  },
  {
    number: 35, code: 'INCONCLUSIVE', needs: ['dns', 'tcp', 'tls', 'http', 'auth', 'readyz', 'canary'],
    match: (view) => {
      const evidence = [...openQuestions(view), ...gatewayNotAsked(view)];
      return evidence.length > 0 ? { evidence } : undefined;
    },
  },
];

/** What was so for an hour must not be told in place of what is so now: that all works at the second try, while nothing does. */
function failsNow(view: View): boolean {
  return view.failedTargets.includes('gateway') || [...view.ran('http', 'gateway'), ...view.ran('http', 'media')].some((probe) => probe.outcome === 'failed');
}

function firstFailureOf(view: View, sent: UploadAttempt): UploadAttempt | undefined {
  return view.facts.attempts.find((attempt) => attempt.uploadId === sent.uploadId && attempt.outcome === 'failed');
}

/** An error of the service or the store, told by itself over a network that was well; not that it wants to be left alone for a while. */
function madeByServer(attempt: UploadAttempt): boolean {
  const { httpStatus, code } = attempt.failure ?? {};
  return httpStatus !== undefined && (httpStatus >= 500 || code === 'server-error') && code !== 'circuit-open' && hopOfAttempt(attempt) !== 'proxy';
}

/** That nothing is known to be wrong is no news of a way that nobody went. */
export function gatewayNotAsked(view: View): Evidence[] {
  if (view.gatewayWorks || view.ran('http', 'gateway').length > 0) return [];
  const asked = view.facts.probes.findLast((probe) => probe.kind === 'http' && probe.target === 'gateway');
  return [{ layer: 'L5', target: 'gateway', source: 'probe', says: `http not run${asked?.status === 'skipped' ? `: ${asked.why}` : ''}` }];
}

/** What is wrong and no rule could name, and what could not be asked. */
function openQuestions(view: View): Evidence[] {
  const unexplained = [
    ...view.failedTargets.flatMap((target) => [...view.ran('dns', target), ...view.ran('tcp', target), ...view.ran('tls', target), ...view.ran('http', target)]),
    ...view.ran('http', 'gateway'), ...view.ran('http', 'media'), ...view.ran('auth'), ...view.ran('canary'),
    // A hardened server keeps its deep health check from the outside: nothing is known of it then, and nothing wrong.
    ...view.ran('readyz').filter((probe) => !isClosed(probe)),
  ].filter((probe) => probe.outcome === 'failed');
  const broken = view.facts.probes
    .filter((probe): probe is Extract<ProbeResult, { status: 'error' }> => probe.status === 'error' && !answeredElsewhere(view, probe))
    .map((probe): Evidence => ({ layer: probe.layer, target: probe.target, source: 'probe', says: `${probe.kind} could not be run: ${probe.why}`.slice(0, 300) }));
  // One failed try is everyday; a second without a success in between wants a name.
  return [...[...new Set(unexplained)].map(probeEvidence), ...broken, ...lastFailing(view.failedSeries, () => true).map(attemptEvidence)];
}

/** A probe that broke leaves no question open where a higher layer of the same way was seen to work. */
function answeredElsewhere(view: View, probe: ProbeResult): boolean {
  if (probe.layer === 'L6' || probe.layer === 'L7') return false;
  switch (probe.target) {
    case 'spaces': return view.clientReachesSpaces === true || view.uploadsWork;
    case 'media': return view.mediaWorks;
    default: return view.gatewayWorks;
  }
}
