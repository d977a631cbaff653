/** @file Rules 1–14: this computer, its network, and the way to the gateway. Rules 1–10 apply only if a needed target failed. */
import type { ProbeTarget, RanProbe } from '../../shared/domain/diagnosis.ts';
import type { FailureCode } from '../../shared/domain/failure.ts';
import { lastFailing } from './failed-uploads.ts';
import type { Match, Rule } from './rule.ts';
import { attemptEvidence, probeEvidence, type View } from './view.ts';

export const clockToleranceMs = 5 * 60_000;

/** Chromium's net errors -130, -111, -127 and -115. */
const chromiumProxyErrors: ReadonlySet<string> = new Set([
  'ERR_PROXY_CONNECTION_FAILED', 'ERR_TUNNEL_CONNECTION_FAILED', 'ERR_PROXY_AUTH_REQUESTED', 'ERR_PROXY_AUTH_UNSUPPORTED',
]);

const unresolved = (probe: RanProbe): boolean => probe.neighbourState === 'failed' || probe.neighbourState === 'incomplete';
const connections = (view: View, target: ProbeTarget): RanProbe[] => [...view.ran('tcp', target), ...view.ran('http', target)];
const connected = (view: View, target: ProbeTarget): boolean => view.works('tcp', target);
const failedTcp = (view: View, target: ProbeTarget): RanProbe[] => view.ran('tcp', target).filter((probe) => probe.outcome === 'failed');
const found = (probes: readonly RanProbe[], certainty?: 'probable'): Match => ({ evidence: probes.map(probeEvidence), ...(certainty ? { certainty } : {}) });

/** What photos meet again and again and no check does: a filter may look at large bodies only, and presigned addresses name hosts that no check knows. */
function metByPhotos(view: View, ...codes: FailureCode[]): Match | undefined {
  const attempts = lastFailing(view.failedSeries, (failure) => codes.includes(failure.code));
  return attempts.length > 0 ? { evidence: attempts.map(attemptEvidence), certainty: 'probable' } : undefined;
}

function forFailedTargets(match: (view: View, target: ProbeTarget) => Match | undefined): (view: View) => Match | undefined {
  return (view) => {
    for (const target of view.failedTargets) {
      const result = match(view, target);
      if (result) return result;
    }
    return undefined;
  };
}

export const pathRules: readonly Rule[] = [
  {
    number: 1, code: 'CLIENT_OFFLINE', needs: ['interfaces', 'source-address', 'route', 'dns', 'tcp', 'http'],
    match: forFailedTargets((view, target) => {
      // Whoever answers, refuses or takes a connection is reached by a network.
      if (connected(view, target) || answers(view, target) || refusedOrReset(view, target)) return undefined;
      const interfaces = view.ran('interfaces').filter((probe) => probe.interfacesUp === 0);
      if (interfaces.length > 0) return found(interfaces);
      // On a network without a router the target, or the proxy that leads to it, may be a neighbour: there is a way to it then.
      if (view.works('route', target) || !view.ran('http', target).every(noWay) || !view.ran('tcp', target).every(noWay)) return undefined;
      const noRoute = view.ran('source-address', 'network').filter((probe) => probe.finding === 'no-route');
      const families = new Set(noRoute.map((probe) => probe.family));
      return families.has(4) && families.has(6) ? found([...noRoute, ...view.ran('http', target)]) : undefined;
    }),
  },
  {
    number: 2, code: 'LAN_GATEWAY_DEAD', needs: ['route', 'neighbour', 'dns', 'tcp', 'http'],
    match: forFailedTargets((view, target) => {
      // The router does not matter to what is not behind it, and is not dead where an answer came through it, a refusal included.
      const behindIt = view.ran('route', target).at(-1)?.onLink !== true;
      const answered = connections(view, target).some((probe) => probe.httpStatus !== undefined) || refusedOrReset(view, target) || connected(view, target);
      if (!behindIt || answered) return undefined;
      const router = view.ran('neighbour', 'network').at(-1);
      return router && unresolved(router) ? found([router, ...view.ran('tcp', target)]) : undefined;
    }),
  },
  {
    number: 3, code: 'CAPTIVE_PORTAL', needs: ['captive-portal', 'dns', 'tls', 'http'],
    match: forFailedTargets((view, target) => {
      if (gatewaySpoke(view)) return undefined;
      const portals = view.ran('captive-portal').filter((probe) =>
        (probe.finding === 'redirected' && !leadsHome(view, probe)) || probe.finding === 'wrong-challenge');
      if (portals.length > 0) return found(portals);
      const inPlace = portalInPlace(view);
      return target === 'gateway' && inPlace.length > 0 ? found([...inPlace, ...view.ran('http', target), ...view.ran('http', 'spaces')], 'probable') : undefined;
    }),
  },
  {
    number: 4, code: 'PROXY_BROKEN', needs: ['http', 'chromium'],
    match: forFailedTargets((view, target) => {
      const requests = view.ran('http', target);
      // The browser goes by the system's proxy, and uploads may not: only where they use one as well is it theirs that is broken.
      const chromium = requests.some((probe) => probe.proxyUsed) ? view.ran('chromium', target) : [];
      const broken = [...requests, ...chromium].filter((probe) =>
        probe.finding === 'proxy-auth' || (probe.finding === 'proxy-error' && !isFarEnds(view, target, probe)) || probe.httpStatus === 407
        || (probe.errno !== undefined && chromiumProxyErrors.has(probe.errno)));
      return broken.length > 0 ? found(broken) : undefined;
    }),
  },
  {
    number: 5, code: 'DNS_BAD_CONFIG', needs: ['dns', 'dns-control-resolver', 'http'],
    match: forFailedTargets((view, target) => (
      view.fails('dns', target) && view.works('dns-control-resolver', target)
        ? found([...view.ran('dns', target), ...view.ran('dns-control-resolver', target)]) : undefined)),
  },
  {
    number: 6, code: 'DNS_RECORD_MISSING', needs: ['dns', 'dns-control-name', 'http'],
    match: forFailedTargets((view, target) => {
      const missing = view.ran('dns', target).filter((probe) => probe.finding === 'name-missing');
      return missing.length > 0 && view.works('dns-control-name', 'control') ? found([...missing, ...view.ran('dns-control-name', 'control')]) : undefined;
    }),
  },
  {
    number: 7, code: 'DNS_FAILURE', needs: ['dns', 'http'],
    match: forFailedTargets((view, target) => (view.fails('dns', target) ? found(view.ran('dns', target)) : undefined)),
  },
  {
    number: 8, code: 'ONLINK_ROUTE_ARP', needs: ['dns', 'route', 'neighbour', 'tcp', 'http'],
    match: forFailedTargets((view, target) => {
      if (connected(view, target) || answers(view, target)) return undefined;
      // All four: it resolved (or is an address), nothing routes it, its own neighbour entry is dead, and the system says so.
      const route = view.ran('route', target).at(-1);
      const neighbour = view.ran('neighbour', target).at(-1);
      const unreachable = connections(view, target).filter((probe) => probe.errno === 'EHOSTUNREACH');
      const resolved = route?.address !== undefined && !view.fails('dns', target);
      return resolved && route.onLink === true && neighbour && unresolved(neighbour) && unreachable.length > 0
        ? found([route, neighbour, ...unreachable]) : undefined;
    }),
  },
  {
    number: 9, code: 'GATEWAY_DOWN', needs: ['tcp', 'http'],
    match: forFailedTargets((view, target) => {
      if (target !== 'gateway' || connected(view, target) || answers(view, target)) return undefined;
      const refused = howItFailed(view, target).filter((probe) => probe.errno === 'ECONNREFUSED');
      if (refused.length > 0) return found(withTcp(view, target, refused));
      const notFound = view.ran('http', target).filter((probe) => probe.httpStatus !== 504 && isFarEnds(view, target, probe));
      return notFound.length > 0 ? found([...notFound, ...throughProxy(view, target)], 'probable') : undefined;
    }),
  },
  {
    number: 10, code: 'PATH_TIMEOUT', needs: ['neighbour', 'captive-portal', 'dns-control-resolver', 'tcp', 'http'],
    match: forFailedTargets((view, target) => {
      if (answers(view, target) || (target === 'spaces' && view.spacesCheck?.ok !== true)) return undefined;
      const silent = howItFailed(view, target).filter((probe) =>
        // A server may take a connection and keep silent. An unreachable that is neither the router's nor the address's
        // own neighbour is a router's answer far away: no answer of the server's.
        probe.finding === 'timeout' || isFarEnds(view, target, probe) || (probe.finding === 'unreachable' && !connected(view, target)));
      if (silent.length === 0) return undefined;
      const evidence = withTcp(view, target, silent);
      const controls = answeringControls(view, target);
      if (controls.length > 0) return found([...evidence, ...controls]);
      const router = view.ran('neighbour', 'network').filter((probe) => probe.neighbourState === 'reachable');
      return router.length > 0 ? found([...evidence, ...router], 'probable') : undefined;
    }),
  },
  {
    number: 11, code: 'CLOCK_SKEW', needs: ['tls', 'http'],
    match: (view) => {
      const clocks = serverClocks(view);
      const off = clocks.filter((clock) => clock.every((offset) => Math.abs(offset) > clockToleranceMs));
      // One server against another: then it is that server's clock, and no more than evidence.
      if (off.length <= clocks.length - off.length) return undefined;
      const offsets = clocks.flat();
      const ofOneMind = clocks.length > 1 && Math.max(...offsets) - Math.min(...offsets) <= clockToleranceMs;
      const harmless = view.failedTargets.length === 0 && view.failedTail.length === 0;
      return { ...found(datedProbes(view), ofOneMind ? undefined : 'probable'), ...(harmless ? { severity: 'warn' as const } : {}) };
    },
  },
  {
    number: 12, code: 'TLS_EXPIRED', needs: ['tls', 'http'],
    match: (view) => {
      for (const target of view.failedTargets) {
        const expired = [...view.ran('tls', target), ...view.ran('http', target)].filter((probe) => probe.finding === 'certificate-expired');
        if (expired.length > 0) return found(expired, datedProbes(view).length > 0 ? undefined : 'probable');
      }
      return metByPhotos(view, 'certificate-expired');
    },
  },
  {
    number: 13, code: 'TLS_INTERCEPTED', needs: ['tls', 'http', 'chromium'],
    match: (view) => {
      const expected = view.facts.expectedIssuers;
      const isStrange = (probe: RanProbe): boolean => expected.length > 0 && probe.certificate?.issuer !== undefined && !expected.includes(probe.certificate.issuer);
      for (const target of view.failedTargets) {
        const untrusted = [...view.ran('tls', target), ...view.ran('http', target)]
          .filter((probe) => probe.finding === 'certificate-untrusted' || probe.finding === 'certificate-name');
        if (untrusted.length === 0) continue;
        // A filter's own authority is one that the browser was told to trust. What no stack trusts may as well be the server's own mistake.
        const chromium = view.ran('chromium', target);
        const proven = untrusted.some(isStrange) || chromium.some((probe) => probe.httpStatus !== undefined || probe.outcome === 'ok');
        return found([...untrusted, ...chromium], proven ? undefined : 'probable');
      }
      const strange = [...view.ran('tls', 'gateway'), ...view.ran('tls', 'spaces')].filter(isStrange);
      if (strange.length > 0) return { ...found(strange), ...(view.failedTargets.length === 0 ? { severity: 'warn' as const } : {}) };
      return metByPhotos(view, 'certificate-untrusted', 'tls-failed');
    },
  },
  {
    // Never in this product by itself: its window has no network at all (`connect-src 'none'`), all requests are the engine's,
    // and a server's CORS rules stop no photo. Only where support's laboratory gives a page's fetch (`getFromRenderer`) can it match.
    number: 14, code: 'CORS_MISCONFIG', needs: ['renderer', 'http'],
    match: (view) => (
      view.fails('renderer', 'gateway') && view.works('http', 'gateway')
        ? found([...view.ran('renderer', 'gateway'), ...view.ran('http', 'gateway')]) : undefined),
  },
];

const refusedOrReset = (view: View, target: ProbeTarget): boolean => connections(view, target).some((probe) => probe.finding === 'refused' || probe.finding === 'reset');

const noWayErrors: ReadonlySet<string> = new Set(['ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** The system itself has no way there, or nobody whom it could ask for the address. */
function noWay(probe: RanProbe): boolean {
  const noName = !probe.proxyUsed && (probe.finding === 'name-error' || probe.finding === 'name-missing');
  return noName || (probe.errno !== undefined && noWayErrors.has(probe.errno));
}

/**
 * The gateway said something itself, so no portal stands before it: whatever comes over TLS is its own, and in clear what
 * a portal does not say. Those answer 2xx or 3xx, for a browser is to show their page, or 511.
 */
function gatewaySpoke(view: View): boolean {
  const secure = view.ran('tls', 'gateway').length > 0;
  return [...view.ran('http', 'gateway'), ...view.ran('http', 'media')].filter(isAnswer).some((probe) =>
    probe.outcome === 'ok' || secure || ((probe.httpStatus ?? 0) >= 400 && probe.httpStatus !== 511));
}

/** The redirect leads to the gateway's own site: `www` beside the name, or a sibling of it. */
function leadsHome(view: View, probe: RanProbe): boolean {
  const own = view.ran('dns', 'gateway').at(-1)?.host;
  return own !== undefined && probe.redirectHost !== undefined && siteOf(own) === siteOf(probe.redirectHost);
}

/** What an owner registers: two labels, or three under a country's own `com`, `gob` and the like. */
function siteOf(host: string): string {
  const labels = host.toLowerCase().split('.');
  const underCountry = labels.at(-1)?.length === 2 && (labels.at(-2)?.length ?? 0) <= 3;
  return labels.slice(underCountry ? -3 : -2).join('.');
}

/**
 * A portal may answer every page in clear with its own, as if it were the host that was asked, and hold up the rest. Only
 * our own host's check ends well with 200: an administrator's answers 204. Whoever else answers over TLS proves that
 * nothing is held up, and a certificate that only the gateway has wrong is the gateway's.
 */
function portalInPlace(view: View): RanProbe[] {
  const answersInClear = view.ran('captive-portal').filter((probe) => probe.outcome === 'ok' && probe.httpStatus === 200);
  const https = view.ran('tls', 'gateway').length > 0;
  // Until it is known how Spaces fared, somebody else may still answer.
  const compared = view.facts.probes.some((probe) => probe.kind === 'http' && probe.target === 'spaces');
  if (!https || !compared || answersInClear.length === 0 || view.works('http', 'spaces') || view.works('http', 'control')) return [];
  const heldUp = view.ran('http', 'gateway').filter((probe) => !probe.proxyUsed && (
    probe.finding === 'timeout' || probe.finding === 'reset' || probe.finding === 'unreachable'
    || (view.clientReachesSpaces === false && (probe.finding === 'tls-error' || probe.finding === 'certificate-untrusted' || probe.finding === 'certificate-name'))));
  return heldUp.length > 0 ? answersInClear : [];
}

/** An HTTP answer came, not from a proxy that speaks for itself. The media service answers through the gateway. */
function answers(view: View, target: ProbeTarget): boolean {
  return [...view.ran('http', target), ...(target === 'gateway' ? view.ran('http', 'media') : [])].some(isAnswer);
}

const isAnswer = (probe: RanProbe): boolean => probe.httpStatus !== undefined && probe.finding !== 'proxy-error' && probe.finding !== 'proxy-auth';

/**
 * [Note: the request decides] A request tries both address families and tells what came of it; one connection to one
 * address does not. Where a name has an address of a family that this network lacks, that one always fails and means
 * nothing, so TCP speaks only where no request was made, and otherwise stands beside it.
 */
function howItFailed(view: View, target: ProbeTarget): RanProbe[] {
  const requests = view.ran('http', target);
  return (requests.length > 0 ? requests : connected(view, target) ? [] : view.ran('tcp', target)).filter((probe) => probe.outcome === 'failed');
}

const withTcp = (view: View, target: ProbeTarget, probes: readonly RanProbe[]): RanProbe[] => [...new Set([...probes, ...failedTcp(view, target)])];

/** Answers of other targets that came through a proxy: it works. */
function throughProxy(view: View, target: ProbeTarget): RanProbe[] {
  const other: ProbeTarget = target === 'gateway' ? 'spaces' : 'gateway';
  return [...view.ran('http', other), ...view.ran('http', 'control')].filter((probe) => probe.proxyUsed && probe.outcome === 'ok');
}

/** A proxy that works for others says that it cannot reach this one (RFC 9110, 15.6.3 to 15.6.5). */
function isFarEnds(view: View, target: ProbeTarget, probe: RanProbe): boolean {
  const says = probe.finding === 'proxy-error' && (probe.httpStatus === 502 || probe.httpStatus === 503 || probe.httpStatus === 504);
  return says && throughProxy(view, target).length > 0;
}

/** Gateway and media stand on one machine, or beside each other. */
const servers: readonly (readonly ProbeTarget[])[] = [['gateway', 'media'], ['spaces'], ['control']];

/** The servers' clocks as any answer told them; the gateway's first. */
function datedProbes(view: View, targets: readonly ProbeTarget[] = servers.flat()): RanProbe[] {
  return targets.flatMap((target) => [...view.ran('http', target), ...view.ran('tls', target)]).filter((probe) => probe.dateOffsetMs !== undefined);
}

/** The offsets that each server told; servers that told none are left out. */
function serverClocks(view: View): number[][] {
  return servers.map((targets) => datedProbes(view, targets).map((probe) => probe.dateOffsetMs ?? 0)).filter((offsets) => offsets.length > 0);
}

/**
 * What answered although the target did not: an administrator's control, or our own other target. Of the portal checks
 * only the control's 204; where none is set our own host is asked in clear, and that is the target itself.
 */
function answeringControls(view: View, target: ProbeTarget): RanProbe[] {
  const other: ProbeTarget = target === 'gateway' ? 'spaces' : 'gateway';
  return [
    ...view.ran('http', 'control'), ...view.ran('tcp', 'control'), ...view.ran('captive-portal').filter((probe) => probe.httpStatus === 204),
    ...view.ran('http', other), ...view.ran('tcp', other), ...view.ran('dns-control-resolver'),
  ].filter((probe) => probe.outcome === 'ok');
}
