import { BlockList, isIP } from 'node:net';

/** What takes away the rule that a proxy is never used for this computer itself; Chromium's word for it. */
export const proxyLoopbackToo = '<-loopback>';

/** This computer, or its own link: no proxy knows the way there. The same as Chromium's implicit bypass rules. */
const own = new BlockList();
own.addSubnet('127.0.0.0', 8, 'ipv4');
own.addSubnet('169.254.0.0', 16, 'ipv4');
own.addAddress('::1', 'ipv6');
own.addSubnet('fe80::', 10, 'ipv6');

export function isOwn(url: URL): boolean {
  const host = hostOf(url);
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return isIP(host) > 0 && own.check(host, familyOf(host));
}

/**
 * Whether a host is on a list of those for which no proxy is used: `name`, `*.name`, `.name`, an address, `address/bits`, each with
 * `:port` or without, `*`, and `<local>` for names without a dot. What is not understood matches nothing.
 *
 * @param subdomains a bare `name` stands for everything below it too, as in NO_PROXY
 */
export function isBypassed(patterns: readonly string[], url: URL, subdomains = false): boolean {
  const host = hostOf(url);
  return patterns.some((pattern) => matches(pattern.trim().toLowerCase(), host, portOf(url), subdomains));
}

function matches(pattern: string, host: string, port: number, subdomains: boolean): boolean {
  if (pattern === '*') return true;
  if (pattern === '<local>') return !host.includes('.') && isIP(host) === 0;
  const [, six, name, wantedPort] = /^(?:\[([^\]]+)\]|([^:]+|[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:./]*))(?::(\d{1,5}))?$/.exec(pattern) ?? [];
  const wanted = six ?? name;
  if (wanted === undefined || (wantedPort !== undefined && Number(wantedPort) !== port)) return false;
  const [address = '', bits] = wanted.split('/');
  if (bits !== undefined) return inSubnet(address, bits, host);
  if (isIP(wanted) > 0) return sameAddress(wanted, host);
  const below = wanted.startsWith('*.') ? wanted.slice(1) : wanted.startsWith('.') ? wanted : subdomains ? `.${wanted}` : undefined;
  if (below !== undefined && host.endsWith(below)) return true;
  return host === (subdomains ? wanted.replace(/^\./, '') : wanted);
}

function inSubnet(address: string, bits: string, host: string): boolean {
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (isIP(address) === 0 || isIP(address) !== isIP(host) || prefix < 0 || prefix > (isIP(address) === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(address, prefix, familyOf(address));
  return list.check(host, familyOf(host));
}

function sameAddress(one: string, other: string): boolean {
  if (isIP(one) !== isIP(other)) return false;
  const list = new BlockList();
  list.addAddress(one, familyOf(one));
  return list.check(other, familyOf(other));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '').toLowerCase();
}

function portOf(url: URL): number {
  return url.port ? Number(url.port) : url.protocol === 'https:' ? 443 : 80;
}
