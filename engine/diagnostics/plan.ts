/** @file The probes of a check and what each waits for. A step that has nothing to ask says why instead of vanishing. */
import { isIP } from 'node:net';
import type { Layer, ProbeKind, ProbeResult, ProbeTarget } from '../../shared/domain/diagnosis.ts';
import { gatewayAddress } from '../transport/gateway-address.ts';
import type { DiagnosticEnvironment } from './environment.ts';
import { probeCanary } from './probes/canary.ts';
import { probeCaptivePortal, probeOwnHostForPortal } from './probes/captive-portal.ts';
import { probeChromium } from './probes/chromium.ts';
import { probeControlResolver, probeDns } from './probes/dns.ts';
import { probeHttp } from './probes/http.ts';
import { anywhere, probeDisk, probeInterfaces, probeSourceAddress } from './probes/local.ts';
import { probeNeighbour } from './probes/neighbour.ts';
import { hostOf, portOf, skippedProbe, type ProbeContext, type ProbeName, type ResolvedAddress } from './probes/probe.ts';
import { probeRoute } from './probes/route.ts';
import { probeAuth, probeReadiness } from './probes/session.ts';
import { probeTcp } from './probes/tcp.ts';
import { probeTls } from './probes/tls.ts';

/** How far a check looks; see `RunOptions`. */
export type CheckScope = 'local' | 'light' | 'full';

export interface Step {
  name: ProbeName;
  /** Begins it, once; the same result for all who ask. */
  result(): Promise<ProbeResult>;
}

/** A control outside is asked only where a target has kept silent for so long, or has failed. */
const patienceMs = 2000;
const families = [4, 6] as const;
const photoTargets = ['gateway', 'spaces'] as const;
type PhotoTarget = (typeof photoTargets)[number];

export function planChecks(environment: DiagnosticEnvironment, context: ProbeContext, options: { scope: CheckScope; canary: boolean }): Step[] {
  const { contract, ...addresses } = environment.targets();
  const controls = environment.controls();
  const urls: Record<PhotoTarget, URL | undefined> = { gateway: parseUrl(addresses.gateway), spaces: parseUrl(addresses.spaces) };
  const atGateway = (path: string): URL | undefined => urls.gateway && new URL(gatewayAddress(urls.gateway, path));
  const health = { gateway: atGateway('/health/'), media: atGateway('/media/health'), spaces: urls.spaces };
  const httpTarget = parseUrl(controls.httpTarget);
  const portal = parseUrl(controls.captivePortalUrl);
  const steps = new Map<string, Step>();

  const add = (layer: Layer, kind: ProbeKind, target: ProbeTarget, run: (name: ProbeName) => Promise<ProbeResult>, family?: 4 | 6): void => {
    const name: ProbeName = { layer, kind, target, ...(family ? { family } : {}) };
    let begun: Promise<ProbeResult> | undefined;
    steps.set(`${kind} ${target} ${family ?? ''}`, { name, result: () => (begun ??= run(name)) });
  };
  const of = (kind: ProbeKind, target: ProbeTarget, family?: 4 | 6): Promise<ProbeResult> => steps.get(`${kind} ${target} ${family ?? ''}`)!.result();
  const skip = (name: ProbeName, why: string): ProbeResult => skippedProbe(context, name, why);
  const failed = (result: ProbeResult): boolean => result.status === 'ran' && result.outcome === 'failed';
  const notGiven = (target: ProbeTarget): string => (target === 'spaces' ? 'the address of Spaces is not known' : 'no gateway is set');

  add('L0', 'interfaces', 'computer', () => probeInterfaces(context));
  add('L0', 'disk', 'computer', () => probeDisk(context, environment.diskFolder, environment.diskLowBytes));
  if (options.scope !== 'light') for (const family of families) add('L0', 'source-address', 'network', () => probeSourceAddress(context, family), family);
  if (options.scope === 'local') return [...steps.values()];
  for (const target of ['gateway', 'media', 'spaces'] as const) {
    add('L5', 'http', target, async (name) => {
      const url = health[target];
      return url ? probeHttp(context, target, url) : skip(name, notGiven(target));
    });
  }
  if (options.scope === 'light') return [...steps.values()];

  add('L1', 'captive-portal', 'network', async (name) => {
    if (portal) return probeCaptivePortal(context, portal);
    return urls.gateway ? probeOwnHostForPortal(context, urls.gateway) : skip(name, notGiven('gateway'));
  });

  for (const target of photoTargets) {
    const url = urls[target];
    // Where a proxy is the way out, whether this computer finds the target by itself means nothing.
    const proxy = once(async () => {
      const [first] = url ? await context.routes.find(url) : [];
      return first?.name === 'proxy' ? first.proxy : undefined;
    });
    const whyNot = async (): Promise<string | undefined> => (url === undefined ? notGiven(target) : await proxy() ? 'uploads go through a proxy, which does this' : undefined);
    add('L2', 'dns', target, async (name) => {
      const why = await whyNot();
      return why ? skip(name, why) : probeDns(context, target, hostOf(url!));
    });
    add('L2', 'dns-control-resolver', target, async (name) => {
      if (!controls.resolver) return skip(name, 'no control resolver is set');
      return failed(await of('dns', target)) ? probeControlResolver(context, target, hostOf(url!), controls.resolver) : skip(name, 'the name did resolve');
    });
    const addressesOf = async (): Promise<ResolvedAddress[]> => {
      const literal = url === undefined ? 0 : isIP(hostOf(url));
      if (literal) return [{ address: hostOf(url!), family: literal as 4 | 6 }];
      const dns = await of('dns', target);
      return dns.status === 'ran' ? (dns.addresses ?? []).map((address) => ({ address, family: isIP(address) as 4 | 6 })) : [];
    };
    const noAddress = 'there is no address to ask about';
    for (const family of families) {
      add('L3', 'tcp', target, async (name) => {
        const why = await whyNot();
        if (why) return skip(name, why);
        const to = (await addressesOf()).find((one) => one.family === family);
        return to ? probeTcp(context, target, to, portOf(url!)) : skip(name, 'no address of this family');
      }, family);
    }
    add('L0', 'route', target, async (name) => {
      const via = await proxy();
      const to = (via ? await addressesOfProxy(context, via.host) : await addressesOf())[0];
      return to ? probeRoute(context, target, to.address) : skip(name, await whyNot() ?? noAddress);
    });
    add('L0', 'neighbour', target, async (name) => {
      const route = await of('route', target);
      // What was sent before fills the table, so it is read when the tries to connect have ended.
      await Promise.all(families.map((family) => of('tcp', target, family)));
      if (route.status !== 'ran' || route.address === undefined) return skip(name, noAddress);
      return route.onLink === true ? probeNeighbour(context, target, route.address) : skip(name, 'not on this link: its gateway is looked at instead');
    });
    add('L4', 'tls', target, async (name) => (url ? probeTls(context, target, url) : skip(name, notGiven(target))));
  }

  add('L0', 'neighbour', 'network', async (name) => {
    const route = await of('route', 'gateway');
    await Promise.all(families.map((family) => of('tcp', 'gateway', family)));
    let nextHop = route.status === 'ran' ? route.nextHop : undefined;
    for (const family of families) {
      if (nextHop !== undefined) break;
      const out = await probeRoute(context, 'network', anywhere[family]);
      nextHop = out.status === 'ran' ? out.nextHop : undefined;
    }
    return nextHop === undefined ? skip(name, 'there is no default gateway') : probeNeighbour(context, 'network', nextHop);
  });

  add('L2', 'dns-control-name', 'control', async (name) => {
    const look = await Promise.all(photoTargets.map((target) => of('dns', target)));
    if (!look.some(failed)) return skip(name, 'every name did resolve');
    const other = photoTargets.filter((_, index) => !failed(look[index]!)).map((target) => urls[target]).find((url) => url && isIP(hostOf(url)) === 0);
    const host = controls.dnsName ?? (other ? hostOf(other) : undefined);
    return host ? probeDns(context, 'control', host, 'dns-control-name') : skip(name, 'no control name is set');
  });
  add('L5', 'http', 'control', async (name) => {
    if (!httpTarget) return skip(name, 'no control address is set');
    const silent = await Promise.race([of('http', 'gateway').then(failed), environment.clock.sleep(patienceMs, context.signal).then(() => true)]);
    const needed = silent || failed(await of('http', 'spaces'));
    return needed ? probeHttp(context, 'control', httpTarget) : skip(name, 'the gateway answers');
  });

  for (const kind of ['chromium', 'renderer'] as const) {
    add('L5', kind, 'gateway', async (name) => (health.gateway ? probeChromium(context, kind, environment.chromium, health.gateway) : skip(name, notGiven('gateway'))));
  }

  const ifGatewayAnswers = (name: ProbeName, probe: (gateway: URL) => Promise<ProbeResult>) => async (): Promise<ProbeResult> => {
    if (!urls.gateway) return skip(name, notGiven('gateway'));
    const gateway = await of('http', 'gateway');
    // An answer that is not the gateway's own is still somebody to ask; silence is not.
    return gateway.status === 'ran' && gateway.httpStatus !== undefined && gateway.finding !== 'proxy-auth' ? probe(urls.gateway) : skip(name, 'the gateway does not answer');
  };
  const session = (kind: 'auth' | 'readyz', target: ProbeTarget, probe: (gateway: URL) => Promise<ProbeResult>): void =>
    add('L6', kind, target, (name) => ifGatewayAnswers(name, probe)());
  session('auth', 'gateway', (gateway) => probeAuth(context, gateway, environment.token));
  session('readyz', 'media', (gateway) => probeReadiness(context, gateway, environment.token));
  add('L7', 'canary', 'spaces', async (name) => {
    if (!options.canary) return skip(name, 'not asked for');
    if (failed(await of('auth', 'gateway'))) return skip(name, 'nobody is signed in');
    return ifGatewayAnswers(name, (gateway) => probeCanary(context, gateway, contract, environment.token))();
  });
  return [...steps.values()];
}

/** The first step on the way is to the proxy: its route is the one that matters. */
async function addressesOfProxy(context: ProbeContext, host: string): Promise<ResolvedAddress[]> {
  const family = isIP(host);
  if (family > 0) return [{ address: host, family: family as 4 | 6 }];
  return Promise.race([context.lookup(host).catch(() => []), context.clock.sleep(patienceMs, context.signal).then(() => [])]);
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | undefined;
  return () => (begun ??= work());
}

function parseUrl(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) && /^https?:/i.test(text) ? new URL(text) : undefined;
}
