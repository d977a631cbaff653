/**
 * @file Reads what the systems say of a neighbour on the link. Pure; undefined for what is not understood. Hardware
 * addresses are read over and never kept: only whether there is one matters.
 */
import type { NeighbourState } from '../../../shared/domain/diagnosis.ts';

const states: Record<string, NeighbourState> = {
  reachable: 'reachable', stale: 'stale', delay: 'delay', probe: 'probe', permanent: 'permanent', noarp: 'noarp',
  incomplete: 'incomplete', failed: 'failed', unreachable: 'failed', none: 'none',
};

/** `ip neigh show to ADDRESS` (iproute2); nothing printed means that there is no entry. */
export function parseIpNeighbour(output: string, address: string): NeighbourState | undefined {
  const line = output.split('\n').find((one) => one.startsWith(`${address} `));
  if (line === undefined) return output.trim() === '' ? 'none' : undefined;
  const word = line.trim().split(/\s+/).at(-1)?.toLowerCase() ?? '';
  return states[word];
}

/** `/proc/net/arp`: the flag 0x2 means that the address is resolved (ATF_COM), 0x4 that somebody wrote it down. */
export function parseProcNetArp(table: string, address: string): NeighbourState | undefined {
  const lines = table.trim().split('\n');
  if (!lines[0]?.includes('HW address')) return undefined;
  const fields = lines.slice(1).map((line) => line.trim().split(/\s+/)).find((one) => one[0] === address);
  if (!fields) return 'none';
  const flags = Number.parseInt(fields[2] ?? '', 16);
  if (Number.isNaN(flags)) return undefined;
  if ((flags & 0x4) !== 0) return 'permanent';
  return (flags & 0x2) !== 0 ? 'stale' : 'incomplete';
}

/** `Get-NetNeighbor -IPAddress A | ConvertTo-Json` of Windows: the state is a word or, in older ones, its number. */
export function parseGetNetNeighbor(json: string): NeighbourState | undefined {
  if (json.trim() === '') return 'none';
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return undefined;
  }
  // MSFT_NetNeighbor: 0 Unreachable, 1 Incomplete, 2 Probe, 3 Delay, 4 Stale, 5 Reachable, 6 Permanent.
  const numbered: NeighbourState[] = ['failed', 'incomplete', 'probe', 'delay', 'stale', 'reachable', 'permanent'];
  const found = (Array.isArray(parsed) ? parsed : [parsed]).map((one: { State?: unknown } | null) => {
    const state = one?.State;
    return typeof state === 'number' ? numbered[state] : typeof state === 'string' ? states[state.toLowerCase()] : undefined;
  }).filter((state) => state !== undefined);
  // The same address may be listed on several interfaces: one that answers is enough.
  return found.find((state) => state !== 'failed' && state !== 'incomplete') ?? found[0];
}

/** `arp -a ADDRESS` of Windows: a row with a hardware address, or a sentence that there is none (translated). */
export function parseArpWindows(output: string, address: string): NeighbourState | undefined {
  const row = output.split(/\r?\n/).map((line) => line.trim().split(/\s+/)).find((fields) => fields[0] === address);
  if (!row) return output.trim() === '' ? undefined : 'none';
  const hardware = row[1] ?? '';
  if (!/^([0-9a-f]{2}-){5}[0-9a-f]{2}$/i.test(hardware)) return undefined;
  return hardware === '00-00-00-00-00-00' ? 'incomplete' : 'stale';
}

/** `arp -n ADDRESS` of macOS. */
export function parseArpMac(output: string, address: string): NeighbourState | undefined {
  if (/no entry/.test(output)) return 'none';
  const line = output.split('\n').find((one) => one.includes(`(${address})`));
  if (line === undefined) return undefined;
  if (/\(incomplete\)/.test(line)) return 'incomplete';
  return /\bat ([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}\b/i.test(line) ? (/permanent/.test(line) ? 'permanent' : 'stale') : undefined;
}
