import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseArpMac, parseArpWindows, parseGetNetNeighbor, parseIpNeighbour, parseProcNetArp } from './neighbour-parsers.ts';
import { parseFindNetRoute, parseIpRouteGet, parseProcNetRoute, parseRouteGetMac, parseRoutePrint } from './route-parsers.ts';

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
/** Spaces' address in the incident, inside the range that was taken for the own link. */
const incident = '134.199.128.128';

describe('routes', () => {
  test.each([
    ['linux-ip-route-get-on-link.txt', parseIpRouteGet, { name: 'route', onLink: true, interfaceName: 'eth0' }],
    ['linux-ip-route-get-via.txt', parseIpRouteGet, { name: 'route', onLink: false, nextHop: '134.199.128.1', interfaceName: 'eth0' }],
    ['linux-ip-route-get-local.txt', parseIpRouteGet, { name: 'route', onLink: true, interfaceName: 'lo' }],
    ['linux-ip-route-get-none.txt', parseIpRouteGet, { name: 'none' }],
    ['linux-ip-route-get-unreachable.txt', parseIpRouteGet, { name: 'none' }],
    ['windows-find-net-route-via.json', parseFindNetRoute, { name: 'route', onLink: false, nextHop: '192.168.1.1', interfaceName: 'Ethernet' }],
    ['windows-find-net-route-on-link.json', parseFindNetRoute, { name: 'route', onLink: true, interfaceName: 'Ethernet' }],
    ['macos-route-get-via.txt', parseRouteGetMac, { name: 'route', onLink: false, nextHop: '192.168.1.1', interfaceName: 'en0' }],
    ['macos-route-get-on-link.txt', parseRouteGetMac, { name: 'route', onLink: true, interfaceName: 'en0' }],
    ['macos-route-get-none.txt', parseRouteGetMac, { name: 'none' }],
  ] as const)('%s', (name, parse, expected) => {
    expect(parse(fixture(name))).toEqual(expected);
  });

  test.each([
    [incident, { name: 'route', onLink: true, interfaceName: 'eth0' }],
    ['8.8.8.8', { name: 'route', onLink: false, interfaceName: 'eth0', nextHop: '134.199.128.1' }],
  ] as const)('/proc/net/route for %s', (address, expected) => {
    expect(parseProcNetRoute(fixture('linux-proc-net-route.txt'), address)).toEqual(expected);
  });

  test('route print, in a language that is not English: the longest mask wins', () => {
    expect(parseRoutePrint(fixture('windows-route-print-es.txt'), incident)).toEqual({ name: 'route', onLink: true });
    expect(parseRoutePrint(fixture('windows-route-print-es.txt'), '8.8.8.8')).toEqual({ name: 'route', onLink: false, nextHop: '134.199.128.1' });
  });
});

describe('neighbours', () => {
  test.each([
    ['linux-ip-neigh-failed.txt', incident, parseIpNeighbour, 'failed'],
    ['linux-ip-neigh-incomplete.txt', incident, parseIpNeighbour, 'incomplete'],
    ['linux-ip-neigh-stale.txt', '134.199.128.1', parseIpNeighbour, 'stale'],
    ['linux-ip-neigh-permanent.txt', '134.199.128.2', parseIpNeighbour, 'permanent'],
    ['linux-proc-net-arp.txt', incident, parseProcNetArp, 'incomplete'],
    ['linux-proc-net-arp.txt', '134.199.128.1', parseProcNetArp, 'stale'],
    ['linux-proc-net-arp.txt', '134.199.128.2', parseProcNetArp, 'permanent'],
    ['linux-proc-net-arp.txt', '134.199.128.9', parseProcNetArp, 'none'],
    ['windows-get-net-neighbor-unreachable.json', incident, parseGetNetNeighbor, 'failed'],
    ['windows-get-net-neighbor-numbered.json', '192.168.1.1', parseGetNetNeighbor, 'reachable'],
    ['windows-arp-es.txt', '192.168.1.1', parseArpWindows, 'stale'],
    ['windows-arp-none-es.txt', incident, parseArpWindows, 'none'],
    ['macos-arp-incomplete.txt', incident, parseArpMac, 'incomplete'],
    ['macos-arp-resolved.txt', '192.168.1.1', parseArpMac, 'stale'],
    ['macos-arp-none.txt', '10.0.0.9', parseArpMac, 'none'],
  ] as const)('%s for %s', (name, address, parse, expected) => {
    expect(parse(fixture(name), address)).toBe(expected);
  });

  test('an address that only begins like the one asked for is another one', () => {
    expect(parseIpNeighbour('134.199.128.12 dev eth0 FAILED \n', '134.199.128.1')).toBeUndefined();
  });
});

test('no parser throws or invents anything, whatever is printed', () => {
  const noise = fc.string({ maxLength: 300, unit: 'binary' });
  fc.assert(fc.property(noise, (text) => {
    for (const parse of [parseIpRouteGet, parseFindNetRoute, parseRouteGetMac]) parse(text);
    for (const parse of [parseProcNetRoute, parseRoutePrint, parseIpNeighbour, parseProcNetArp, parseArpWindows, parseArpMac]) parse(text, incident);
    parseGetNetNeighbor(text);
  }), { numRuns: 500 });
});
