/** @file Rules 15–28: what the gateway, the media service and Spaces say. */
import type { Evidence, RanProbe, ReadinessCheck } from '../../shared/domain/diagnosis.ts';
import { lastFailing } from './failed-uploads.ts';
import type { Match, Rule } from './rule.ts';
import { attemptEvidence, hopOfAttempt, probeEvidence, type Answer, type View } from './view.ts';

/** The first try of the monitor after a failure comes this soon, in seconds. */
const firstRetrySeconds = 5;

/** The media service's own words for a store that it could not use, on both contracts. */
const storeCodes: ReadonlySet<string> = new Set(['upload_failed', 'storage_error', 'storage_unavailable']);

const said = (answers: readonly Answer[]): Match | undefined => (
  answers.length > 0 ? { evidence: answers.slice(0, 10).map((answer) => answer.evidence) } : undefined);
const shown = (probes: readonly RanProbe[]): Evidence[] => probes.map(probeEvidence);

function checkEvidence(check: ReadinessCheck): Evidence {
  const words = [
    `readyz ${check.name}`, check.ok ? 'ok' : 'failed', check.errno ?? '', check.httpStatus ? `HTTP ${check.httpStatus}` : '',
    check.onLink === undefined ? '' : check.onLink ? 'on link' : 'via gateway', check.latencyMs === undefined ? '' : `${Math.round(check.latencyMs)} ms`,
  ];
  return { layer: 'L6', target: 'media', source: 'probe', says: words.filter(Boolean).join(' ') };
}

/**
 * Signs that the media service fails on Spaces where it cannot be asked: the gateway stopped waiting for it (504
 * `timeout`), or the store refused it (502 `upload_failed` and its like), while both health checks pass.
 */
function mediaSeemsCutOff(view: View): Evidence[] {
  if (!view.works('http', 'gateway') || !view.works('http', 'media')) return [];
  const uploads = view.failedTail.filter((attempt) => {
    const failure = attempt.failure;
    if (!failure || failure.endpoint !== 'gateway') return false;
    const gatewayGaveUp = failure.httpStatus === 504 && (failure.detail === undefined || failure.detail === 'timeout') && hopOfAttempt(attempt) !== 'proxy';
    return gatewayGaveUp || (failure.detail !== undefined && storeCodes.has(failure.detail));
  }).map(attemptEvidence);
  const deepCheck = view.ran('readyz', 'media').filter((probe) => probe.httpStatus === 504 && probe.serverCode === 'timeout');
  return [...uploads, ...shown(deepCheck)];
}

/** Somebody on the way keeps this address from whoever is outside. */
export const isClosed = (probe: RanProbe): boolean => probe.httpStatus === 401 || probe.httpStatus === 403;

const spacesCheckFailed = (view: View): ReadinessCheck | undefined => (view.spacesCheck?.ok === false ? view.spacesCheck : undefined);

export const serviceRules: readonly Rule[] = [
  {
    number: 15, code: 'AUTH_EXPIRED', needs: ['auth'],
    match: (view) => {
      const refused = view.ran('auth').filter((probe) => probe.finding === 'session-ended' || (probe.httpStatus === 401 && probe.answeringHop !== 'proxy'));
      if (refused.length > 0) return { evidence: shown(refused) };
      // Nothing is asked of the gateway without a token, and the photos were the last to have one.
      const ended = lastFailing(view.failedSeries, (failure) => failure.code === 'session-expired');
      return ended.length > 0 ? { evidence: ended.map(attemptEvidence) } : undefined;
    },
  },
  {
    number: 16, code: 'AUTH_FORBIDDEN', needs: ['auth', 'canary'],
    match: (view) => {
      const valid = view.ran('auth').filter((probe) => probe.httpStatus === 200);
      // Only sending a photo asks for what a role allows. A proxy's 403 is about the network, and a health check may be closed to all.
      const forbidden = view.answers.filter((answer) => answer.status === 403 && (answer.met === 'upload' || answer.met === 'canary') && (answer.hop === 'gateway' || answer.hop === 'media'));
      const match = valid.length > 0 ? said(forbidden) : undefined;
      return match && { evidence: [...match.evidence, ...shown(valid)] };
    },
  },
  {
    number: 17, code: 'RATE_LIMITED', needs: ['http', 'auth', 'readyz', 'canary'],
    match: (view) => {
      const limited = view.answers.filter((answer) => answer.status === 429);
      const match = said(limited);
      if (!match) return undefined;
      const waitMs = limited.reduce<number | undefined>((longest, answer) => (answer.retryAfterMs === undefined ? longest : Math.max(longest ?? 0, answer.retryAfterMs)), undefined);
      return { ...match, params: { n: waitMs === undefined ? firstRetrySeconds : Math.ceil(waitMs / 1000) } };
    },
  },
  {
    number: 18, code: 'PAYLOAD_TOO_LARGE', needs: ['http', 'auth'],
    match: (view) => {
      const tooLarge = said(view.answers.filter((answer) => answer.status === 413));
      if (tooLarge) return tooLarge;
      // HeartGuard checks the size inside the token check, so an oversize body is told that its token is bad.
      const disguised = view.failedTail.filter((attempt) => attempt.oversize === true && (attempt.failure?.httpStatus === 401 || attempt.failure?.code === 'too-large'));
      const declared = view.failedTail.filter((attempt) => attempt.failure?.code === 'too-large');
      const all = [...new Set([...disguised, ...declared])];
      return all.length > 0 ? { evidence: all.map(attemptEvidence) } : undefined;
    },
  },
  {
    number: 19, code: 'ROUTE_MISSING', needs: ['http', 'auth'],
    match: (view) => said(view.answers.filter((answer) => answer.status === 404 && (answer.hop === 'proxy' || answer.hop === 'gateway'))),
  },
  {
    number: 20, code: 'CIRCUIT_OPEN', needs: ['http', 'auth', 'readyz'],
    match: (view) => said(view.answers.filter((answer) => answer.status === 503 && answer.circuitOpen)),
  },
  {
    number: 21, code: 'NO_HEALTHY_BACKEND', needs: ['http', 'auth', 'readyz'],
    match: (view) => said(view.answers.filter((answer) => (answer.status === 502 || answer.status === 503) && answer.hop === 'proxy')),
  },
  {
    number: 22, code: 'MEDIA_DOWN', needs: ['http'],
    match: (view) => {
      if (!view.works('http', 'gateway')) return undefined;
      // Whoever may not ask does not learn whether it is down.
      const failed = view.ran('http', 'media').filter((probe) => probe.outcome === 'failed' && probe.httpStatus !== 507 && !isClosed(probe));
      if (view.fails('http', 'media') && failed.length > 0) return { evidence: shown([...failed, ...view.ran('http', 'gateway')]) };
      if (view.mediaWorks) return undefined;
      const refused = view.failedTail.filter((attempt) => attempt.failure?.httpStatus === 503 && attempt.failure.detail === 'service_unavailable');
      return refused.length > 0 ? { evidence: refused.map(attemptEvidence) } : undefined;
    },
  },
  {
    number: 23, code: 'SERVER_DISK_FULL', needs: ['http', 'readyz'],
    match: (view) => {
      const full = view.checks.filter((check) => !check.ok && (check.name === 'disk' || check.errno === 'ENOSPC'));
      return said(view.answers.filter((answer) => answer.status === 507)) ?? (full.length > 0 ? { evidence: full.map(checkEvidence) } : undefined);
    },
  },
  {
    number: 24, code: 'MEDIA_CREDENTIALS', needs: ['readyz'],
    match: (view) => {
      const check = spacesCheckFailed(view);
      return check?.httpStatus === 403 ? { evidence: [checkEvidence(check)] } : undefined;
    },
  },
  {
    number: 25, code: 'MEDIA_SPACES_ROUTE', needs: ['readyz'],
    match: (view) => {
      const check = spacesCheckFailed(view);
      return check?.errno === 'EHOSTUNREACH' && check.onLink === true ? { evidence: [checkEvidence(check)] } : undefined;
    },
  },
  {
    number: 26, code: 'SPACES_DOWN', needs: ['readyz', 'tcp', 'http'],
    match: (view) => {
      if (view.clientReachesSpaces !== false || !view.facts.spacesReachedBefore) return undefined;
      const client = shown([...view.ran('tcp', 'spaces'), ...view.ran('http', 'spaces')]);
      const check = spacesCheckFailed(view);
      if (check) return { evidence: [checkEvidence(check), ...client] };
      const signs = view.ran('readyz', 'media').some((probe) => probe.outcome === 'ok') ? [] : mediaSeemsCutOff(view);
      if (signs.length > 0) return { evidence: [...signs, ...client], certainty: 'probable' };
      // With the clinic's own keys there is no media service to ask.
      return view.facts.contract === 'own-keys' && view.failedTargets.includes('spaces') ? { evidence: client } : undefined;
    },
  },
  {
    number: 27, code: 'MEDIA_SPACES_UNREACHABLE', needs: ['readyz', 'http'],
    match: (view) => {
      const check = spacesCheckFailed(view);
      if (check) {
        const client = shown(view.ran('http', 'spaces'));
        return { evidence: [checkEvidence(check), ...client], ...(view.clientReachesSpaces === true ? {} : { certainty: 'probable' as const }) };
      }
      if (view.spacesCheck?.ok === true) return undefined;
      const signs = mediaSeemsCutOff(view);
      return signs.length > 0 ? { evidence: [...signs, ...shown([...view.ran('http', 'gateway'), ...view.ran('http', 'media')])], certainty: 'probable' } : undefined;
    },
  },
  {
    number: 28, code: 'DEPENDENCY_DEGRADED', needs: ['readyz'],
    match: (view) => {
      const sick = view.checks.filter((check) => !check.ok && check.name !== 'spaces' && check.name !== 'disk');
      return sick.length > 0 ? { evidence: sick.map(checkEvidence) } : undefined;
    },
  },
];
