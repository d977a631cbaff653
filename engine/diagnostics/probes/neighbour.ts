import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { NeighbourState, ProbeResult, ProbeTarget } from '../../../shared/domain/diagnosis.ts';
import { parseArpMac, parseArpWindows, parseGetNetNeighbor, parseIpNeighbour, parseProcNetArp } from './neighbour-parsers.ts';
import { ProbeBroke, runProbe, Skipped, type ProbeContext, type ProbeFinding } from './probe.ts';
import { powerShellLimitMs } from './route.ts';

const commandLimitMs = 800;

/**
 * L0: whether the system knows who has that address on the link. Reads the table only; it is what was sent before
 * that filled it, so it is worth reading again after a try to connect has failed.
 *
 * @param target `network` for the default gateway, else whose address it is.
 */
export function probeNeighbour(context: ProbeContext, target: ProbeTarget, address: string): Promise<ProbeResult> {
  return runProbe(context, { layer: 'L0', kind: 'neighbour', target }, async (): Promise<ProbeFinding> => {
    const { state, source } = await readNeighbour(context, address);
    const unresolved = state === 'failed' || state === 'incomplete';
    return { outcome: unresolved ? 'failed' : 'ok', address, neighbourState: state, source, ...(unresolved ? { finding: 'unresolved' as const } : {}) };
  }, context.platform === 'win32' ? powerShellLimitMs : undefined);
}

async function readNeighbour(context: ProbeContext, address: string): Promise<{ state: NeighbourState; source: string }> {
  const family = isIP(address);
  if (family === 0) throw new ProbeBroke('not an address');
  switch (context.platform) {
    case 'linux': {
      const ip = await context.runCommand('ip', ['neigh', 'show', 'to', address], commandLimitMs);
      const byCommand = ip.name === 'done' && ip.code === 0 ? parseIpNeighbour(ip.stdout, address) : undefined;
      if (byCommand) return { state: byCommand, source: 'ip neigh show' };
      const table = family === 4 ? await readFile('/proc/net/arp', 'utf8').catch(() => '') : '';
      const byTable = parseProcNetArp(table, address);
      if (byTable) return { state: byTable, source: '/proc/net/arp' };
      throw ip.name === 'missing' ? new Skipped('neither ip nor the neighbour table is there') : new ProbeBroke(`ip neigh show: ${ip.name}`);
    }
    case 'win32': {
      const arp = family === 4 ? context.runCommand('arp', ['-a', address], commandLimitMs) : undefined;
      const script = `Get-NetNeighbor -IPAddress '${address}' -ErrorAction SilentlyContinue | Select-Object IPAddress,State | ConvertTo-Json`;
      const shell = await context.runCommand('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script], powerShellLimitMs - 200);
      const byCmdlet = shell.name === 'done' && shell.code === 0 ? parseGetNetNeighbor(shell.stdout) : undefined;
      if (byCmdlet) return { state: byCmdlet, source: 'Get-NetNeighbor' };
      const printed = await arp;
      const byArp = printed?.name === 'done' ? parseArpWindows(printed.stdout, address) : undefined;
      if (byArp) return { state: byArp, source: 'arp -a' };
      throw new ProbeBroke(`Get-NetNeighbor: ${shell.name}`);
    }
    case 'darwin': {
      if (family === 6) throw new Skipped('arp knows IPv4 only');
      const arp = await context.runCommand('arp', ['-n', address], commandLimitMs);
      const state = arp.name === 'done' ? parseArpMac(`${arp.stdout}\n${arp.stderr}`, address) : undefined;
      if (state) return { state, source: 'arp -n' };
      throw new ProbeBroke(`arp -n: ${arp.name}`);
    }
    default:
      throw new Skipped('no neighbour command is known for this system');
  }
}
