/**
 * @file Reads what the systems' own commands say of the route to an address. Pure; undefined for what is not understood.
 * Outputs as recorded or as documented are in `fixtures/`.
 */
export type RouteFacts =
  | { name: 'route'; onLink: boolean; nextHop?: string; interfaceName?: string }
  /** The system has no way to that address. */
  | { name: 'none' };

/** `ip route get ADDRESS` (iproute2). A failed call prints to stderr: give both. */
export function parseIpRouteGet(output: string): RouteFacts | undefined {
  if (/Network is unreachable|No route to host/.test(output)) return { name: 'none' };
  const line = output.split('\n').find((one) => /\bdev \S+/.test(one) || /^(unreachable|prohibit|blackhole)\b/.test(one));
  if (line === undefined) return undefined;
  if (/^(unreachable|prohibit|blackhole)\b/.test(line)) return { name: 'none' };
  const nextHop = /\bvia (?:inet6? )?(\S+)/.exec(line)?.[1];
  const interfaceName = /\bdev (\S+)/.exec(line)?.[1];
  return { name: 'route', onLink: nextHop === undefined, ...(nextHop ? { nextHop } : {}), ...(interfaceName ? { interfaceName } : {}) };
}

/** `/proc/net/route`: IPv4 only; addresses are hexadecimal in the machine's own (little-endian) order. */
export function parseProcNetRoute(table: string, address: string): RouteFacts | undefined {
  const lines = table.trim().split('\n');
  if (!lines[0]?.includes('Destination')) return undefined;
  const wanted = ipv4ToNumber(address);
  if (wanted === undefined) return undefined;
  let best: { mask: number; metric: number; gateway: number; interfaceName: string } | undefined;
  for (const line of lines.slice(1)) {
    const [interfaceName, destination, gateway, flags, , , metricText, mask] = line.trim().split(/\s+/);
    if (interfaceName === undefined || destination === undefined || gateway === undefined || mask === undefined) continue;
    // RTF_UP 0x1; RTF_REJECT 0x200 routes lead nowhere.
    const bits = Number.parseInt(flags ?? '0', 16);
    if ((bits & 0x1) === 0 || (bits & 0x200) !== 0) continue;
    const maskNumber = fromLittleEndian(mask);
    const metric = Number(metricText ?? 0);
    if (((wanted & maskNumber) >>> 0) !== fromLittleEndian(destination)) continue;
    if (!best || maskNumber > best.mask || (maskNumber === best.mask && metric < best.metric)) best = { mask: maskNumber, metric, gateway: fromLittleEndian(gateway), interfaceName };
  }
  if (!best) return { name: 'none' };
  return { name: 'route', onLink: best.gateway === 0, interfaceName: best.interfaceName, ...(best.gateway === 0 ? {} : { nextHop: numberToIpv4(best.gateway) }) };
}

/** `Find-NetRoute -RemoteIPAddress A | ConvertTo-Json` of Windows: an address object and a route object, in this order. */
export function parseFindNetRoute(json: string): RouteFacts | undefined {
  const parsed = parseJson(json);
  const objects = (Array.isArray(parsed) ? parsed : [parsed]) as ({ NextHop?: unknown; InterfaceAlias?: unknown } | null | undefined)[];
  const route = objects.find((one) => typeof one?.NextHop === 'string');
  if (typeof route?.NextHop !== 'string') return undefined;
  const onLink = route.NextHop === '0.0.0.0' || route.NextHop === '::';
  return {
    name: 'route', onLink, ...(onLink ? {} : { nextHop: route.NextHop }),
    ...(typeof route.InterfaceAlias === 'string' ? { interfaceName: route.InterfaceAlias.slice(0, 60) } : {}),
  };
}

/** `route print -4` of Windows. The columns are told by their form, for the headings are translated; so is "On-link". */
export function parseRoutePrint(output: string, address: string): RouteFacts | undefined {
  const wanted = ipv4ToNumber(address);
  if (wanted === undefined) return undefined;
  const row = /^\s*(\d+\.\d+\.\d+\.\d+)\s+(\d+\.\d+\.\d+\.\d+)\s+(\S.*?)\s+(\d+\.\d+\.\d+\.\d+)\s+(\d+)\s*$/;
  let best: { mask: number; metric: number; gateway: string } | undefined;
  let rows = 0;
  for (const line of output.split(/\r?\n/)) {
    const match = row.exec(line);
    const destination = ipv4ToNumber(match?.[1] ?? '');
    const mask = ipv4ToNumber(match?.[2] ?? '');
    if (!match || destination === undefined || mask === undefined) continue;
    rows += 1;
    const metric = Number(match[5]);
    if (((wanted & mask) >>> 0) !== destination) continue;
    if (!best || mask > best.mask || (mask === best.mask && metric < best.metric)) best = { mask, metric, gateway: match[3] ?? '' };
  }
  if (rows === 0) return undefined;
  if (!best) return { name: 'none' };
  const nextHop = ipv4ToNumber(best.gateway) === undefined ? undefined : best.gateway;
  return { name: 'route', onLink: nextHop === undefined, ...(nextHop ? { nextHop } : {}) };
}

/** `route -n get ADDRESS` of macOS. The flag LLINFO, or a gateway that is a link, means on the link. */
export function parseRouteGetMac(output: string): RouteFacts | undefined {
  if (/not in table/.test(output)) return { name: 'none' };
  const field = (name: string): string | undefined => new RegExp(`^\\s*${name}:\\s*(\\S+)`, 'm').exec(output)?.[1];
  const interfaceName = field('interface');
  if (interfaceName === undefined) return undefined;
  const gateway = field('gateway');
  const nextHop = gateway !== undefined && !gateway.startsWith('link#') && !/^([0-9a-f]{1,2}:){5}/i.test(gateway) ? gateway : undefined;
  const routed = /flags:\s*<[^>]*\bGATEWAY\b/.test(output) && nextHop !== undefined;
  return { name: 'route', onLink: !routed, interfaceName, ...(routed ? { nextHop } : {}) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function ipv4ToNumber(address: string): number | undefined {
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255)) return undefined;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

function numberToIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

function fromLittleEndian(hex: string): number {
  return Buffer.from(hex.padStart(8, '0').slice(-8), 'hex').readUInt32LE();
}
