/** @file Faults of this computer's way to the server, on real sockets of the loopback. */
import { execFile } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Lookup } from '../probes/probe.ts';
import { createTrust } from '../../transport/trust.ts';
import { selfSigned, signedBy } from './certificates.ts';
import { laboratoryEnvironment, look, using, type Fault, type Observed } from './fault.ts';
import { backendHandler, closedPort, startDns, startHttp, startHttps, startProxy, startTcp, type DnsVerdict } from './servers.ts';

const local = (port: number, scheme = 'http'): string => `${scheme}://127.0.0.1:${port}`;

/** The look-up of a computer whose resolver is that one, and no other. */
function lookupBy(port: number): Lookup {
  const resolver = new Resolver({ timeout: 800, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  return async (host) => (await resolver.resolve4(host)).map((address) => ({ address, family: 4 as const }));
}

async function withCertificate(name: string, days: number): Promise<Observed> {
  const pair = await selfSigned({ name, days });
  return using(async (keep) => {
    const server = await keep(startHttps(pair));
    const spaces = await keep(startHttp());
    // The certificate's own root is trusted where only its dates or its name are to be found wrong.
    const trusted = days < 0 || name !== '127.0.0.1' ? [pair.cert] : undefined;
    return look(laboratoryEnvironment({ gateway: local(server.port, 'https'), spaces: local(spaces.port), trusted }));
  });
}

/** @param proxies in their order; `open` lets through, a number is the answer of one that does not. `spaces` is only behind the proxy's back. */
function withProxies(proxies: readonly ('open' | 'closed' | number)[], given: { gatewayIsThere?: boolean; spaces?: boolean } = {}): Promise<Observed> {
  return using(async (keep) => {
    const pair = await selfSigned({ name: '127.0.0.1', days: 2 });
    const server = await keep(startHttps(pair));
    const spaces = given.spaces ? await keep(startHttps(pair)) : undefined;
    const ports: number[] = [];
    for (const each of proxies) ports.push(each === 'closed' ? await closedPort() : (await keep(startProxy(each === 'open' ? undefined : each))).port);
    const gateway = given.gatewayIsThere === false ? await closedPort() : server.port;
    return look(laboratoryEnvironment({ gateway: local(gateway, 'https'), trusted: [pair.cert], proxies: ports.map((port) => ({ host: '127.0.0.1', port })), ...(spaces ? { spaces: local(spaces.port, 'https') } : {}) }));
  });
}

/** Names that only the proxy can look up, as where nothing else leads outside. */
function behindProxyAlone(proxyWorks: boolean): Promise<Observed> {
  return using(async (keep) => {
    const pair = await selfSigned({ name: 'gateway.clinic.test', days: 2 });
    const server = await keep(startHttps(pair));
    const proxy = proxyWorks ? (await keep(startProxy(undefined, {}, () => server.port))).port : await closedPort();
    const lookup: Lookup = async () => { throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }); };
    return look(laboratoryEnvironment({ gateway: 'https://gateway.clinic.test', trusted: [pair.cert], proxies: [{ host: '127.0.0.1', port: proxy }], lookup }));
  });
}

function withDns(system: (name: string) => DnsVerdict, controlWorks = false): Promise<Observed> {
  return using(async (keep) => {
    const backend = await keep(startHttp());
    const dns = await keep(startDns(system));
    const control = await keep(startDns(() => ({ address: '127.0.0.1' })));
    return look(laboratoryEnvironment({
      gateway: `http://gateway.clinic.test:${backend.port}`, spaces: `http://spaces.clinic.test:${backend.port}`, lookup: lookupBy(dns.port),
      controls: () => (controlWorks ? { resolver: `127.0.0.1:${control.port}` } : {}),
    }));
  });
}

function withPortal(answer: (challenge: string | undefined) => { status: number; headers: Record<string, string> }): Promise<Observed> {
  return using(async (keep) => {
    // A portal answers everything in clear by itself, our gateway's address included.
    const portal = await keep(startHttp((request, response) => {
      const { status, headers } = answer(request.headers['x-relevo-challenge']?.toString());
      response.writeHead(status, headers);
      response.end(status === 204 ? undefined : '<html>Acepte las condiciones</html>');
    }));
    return look(laboratoryEnvironment({ gateway: local(portal.port), controls: () => ({ captivePortalUrl: `${local(portal.port)}/generate_204` }) }));
  });
}

export const socketFaults: readonly Fault[] = [
  { name: 'everything works (TLS, own root)', expected: 'HEALTHY', observe: () => using(async (keep) => {
    const pair = await selfSigned({ name: '127.0.0.1', days: 2 });
    const server = await keep(startHttps(pair));
    const spaces = await keep(startHttp());
    return look(laboratoryEnvironment({ gateway: local(server.port, 'https'), spaces: local(spaces.port), trusted: [pair.cert] }));
  }) },
  { name: 'everything works (through a proxy)', expected: 'HEALTHY', observe: () => withProxies(['open']) },
  { name: 'everything works (through the second of two proxies)', expected: 'HEALTHY', observe: () => withProxies(['closed', 'open']) },
  { name: 'everything works (through a proxy, which alone can look the name up)', expected: 'HEALTHY', observe: () => behindProxyAlone(true) },
  { name: 'everything works (an authority that was installed since we began)', expected: 'HEALTHY', observe: () => using(async (keep) => {
    const authority = await selfSigned({ name: 'authority.clinic.test', days: 2 });
    const server = await keep(startHttps(await signedBy(authority, { name: '127.0.0.1', days: 1 })));
    return look(laboratoryEnvironment({ gateway: local(server.port, 'https'), trust: createTrust({ systemNow: async () => [authority.cert] }) }));
  }) },
  { name: 'certificate expired', expected: 'TLS_EXPIRED', observe: () => withCertificate('127.0.0.1', -1) },
  { name: 'certificate signed by itself', expected: 'TLS_INTERCEPTED', observe: () => withCertificate('127.0.0.1', 30) },
  { name: 'certificate of somebody else', expected: 'TLS_INTERCEPTED', observe: () => withCertificate('filter.clinic.test', 30) },
  { name: 'proxy wants a password (407)', expected: 'PROXY_BROKEN', observe: () => withProxies([407]) },
  { name: 'proxy refuses the tunnel (502)', expected: 'PROXY_BROKEN', observe: () => withProxies([502]) },
  { name: 'proxy is not there', expected: 'PROXY_BROKEN', observe: () => withProxies(['closed']) },
  { name: 'proxy is not there, and nothing else leads outside', expected: 'PROXY_BROKEN', observe: () => behindProxyAlone(false) },
  { name: 'proxy works, and does not reach the gateway', expected: 'GATEWAY_DOWN', observe: () => withProxies(['open'], { gatewayIsThere: false, spaces: true }) },
  { name: 'captive portal redirects', expected: 'CAPTIVE_PORTAL', observe: () => withPortal(() => ({ status: 302, headers: { location: 'http://login.hotel.test/?session=1' } })) },
  { name: 'captive portal shows its page', expected: 'CAPTIVE_PORTAL', observe: () => withPortal(() => ({ status: 200, headers: { 'content-type': 'text/html' } })) },
  { name: 'captive portal fakes the 204', expected: 'CAPTIVE_PORTAL', observe: () => withPortal(() => ({ status: 204, headers: { 'x-relevo-response': 'response guess' } })) },
  { name: 'captive portal, no control address set', expected: 'CAPTIVE_PORTAL', observe: () => using(async (keep) => {
    const portal = await keep(startHttp((_request, response) => { response.writeHead(302, { location: 'http://login.hotel.test/' }); response.end(); }));
    return look(laboratoryEnvironment({ gateway: local(portal.port) }));
  }) },
  { name: 'DNS: the gateway’s name does not exist', expected: 'DNS_RECORD_MISSING', observe: () => withDns((name) => (name.startsWith('gateway') ? 'nxdomain' : { address: '127.0.0.1' })) },
  { name: 'DNS: no name exists', expected: 'DNS_FAILURE', observe: () => withDns(() => 'nxdomain') },
  { name: 'DNS: SERVFAIL', expected: 'DNS_FAILURE', observe: () => withDns(() => 'servfail') },
  { name: 'DNS: the resolver keeps silent', expected: 'DNS_FAILURE', observe: () => withDns(() => 'silent') },
  { name: 'DNS: only the system’s resolver keeps silent', expected: 'DNS_BAD_CONFIG', observe: () => withDns(() => 'silent', true) },
  { name: 'gateway refuses connections', expected: 'GATEWAY_DOWN', observe: async () => look(laboratoryEnvironment({ gateway: local(await closedPort()) })) },
  { name: 'gateway takes connections and never answers', expected: 'PATH_TIMEOUT', observe: () => using(async (keep) => {
    const silent = await keep(startTcp());
    const spaces = await keep(startHttp());
    return look(laboratoryEnvironment({ gateway: local(silent.port), spaces: local(spaces.port) }));
  }) },
  { name: 'a name in both families, nobody on IPv6, 502 on IPv4', expected: 'NO_HEALTHY_BACKEND', observe: () => using(async (keep) => {
    const proxy = await keep(startHttp((_request, response) => { response.writeHead(502, { 'content-type': 'text/html' }); response.end('<html>Bad Gateway</html>'); }));
    const spaces = await keep(startHttp());
    const lookup: Lookup = async () => [{ address: '127.0.0.1', family: 4 }, { address: '::1', family: 6 }];
    return look(laboratoryEnvironment({ gateway: `http://gateway.clinic.test:${proxy.port}`, spaces: local(spaces.port), lookup }));
  }) },
  { name: 'gateway resets every connection', expected: 'INCONCLUSIVE', observe: () => using(async (keep) => {
    const resetting = await keep(startTcp((socket) => socket.resetAndDestroy()));
    return look(laboratoryEnvironment({ gateway: local(resetting.port) }));
  }) },
  { name: 'the server’s Date is an hour away', expected: 'CLOCK_SKEW', observe: () => using(async (keep) => {
    const server = await keep(startHttp((request, response) => { response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString()); backendHandler(request, response); }));
    return look(laboratoryEnvironment({ gateway: local(server.port), spaces: local(server.port) }));
  }) },
  { name: 'this computer’s clock makes a good certificate look expired', expected: 'CLOCK_SKEW', observe: () => using(async (keep) => {
    const pair = await selfSigned({ name: '127.0.0.1', days: -1 });
    // Node reads the system's clock, which a test may not set: so the certificate and the server live three days ago instead.
    const server = await keep(startHttps(pair, (request, response) => { response.setHeader('date', new Date(Date.now() - 3 * 86_400_000).toUTCString()); backendHandler(request, response); }));
    return look(laboratoryEnvironment({ gateway: local(server.port, 'https'), trusted: [pair.cert] }));
  }) },
  { name: 'little space left on this computer', expected: 'HEALTHY', overlay: 'DISK_LOW', observe: () => using(async (keep) => {
    const server = await keep(startHttp());
    const disk = await keep(smallDisk());
    return look(laboratoryEnvironment({ gateway: local(server.port), spaces: local(server.port), diskFolder: disk.folder, diskLowBytes: disk.lowBytes }));
  }) },
];

/** As root a real disk of 1 MiB; otherwise the folder for temporary files, with a threshold above what it has free. */
async function smallDisk(): Promise<{ folder: string; lowBytes: number; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'relevo-laboratory-'));
  const removed = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error('not root');
    await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
    return { folder, lowBytes: 2 * 1024 ** 3, close: async () => { await promisify(execFile)('umount', [folder]); await removed(); } };
  } catch {
    return { folder, lowBytes: Number.MAX_SAFE_INTEGER, close: removed };
  }
}
