import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { ProbeResult, ProbeTarget } from '../../../shared/domain/diagnosis.ts';
import { ProbeBroke, runProbe, Skipped, type ProbeContext, type ProbeFinding } from './probe.ts';
import { parseFindNetRoute, parseIpRouteGet, parseProcNetRoute, parseRouteGetMac, parseRoutePrint, type RouteFacts } from './route-parsers.ts';

/** PowerShell alone takes a second to start on a slow computer; `route print` is asked beside it. */
export const powerShellLimitMs = 4000;
const commandLimitMs = 800;

/** L0: how this computer would send to that address. Asks its own tables only; no packet leaves. */
export function probeRoute(context: ProbeContext, target: ProbeTarget, address: string): Promise<ProbeResult> {
  return runProbe(context, { layer: 'L0', kind: 'route', target, family: isIP(address) === 6 ? 6 : 4 }, async (): Promise<ProbeFinding> => {
    const { facts, source } = await readRoute(context, address);
    if (facts.name === 'none') return { outcome: 'failed', finding: 'no-route', address, source };
    return {
      outcome: 'ok', address, onLink: facts.onLink, source,
      ...(facts.nextHop ? { nextHop: facts.nextHop.slice(0, 60) } : {}), ...(facts.interfaceName ? { interfaceName: facts.interfaceName.slice(0, 60) } : {}),
    };
  }, context.platform === 'win32' ? powerShellLimitMs : undefined);
}

interface RouteAnswer { facts: RouteFacts; source: string }

/** @throws Skipped where this system has no way to ask; ProbeBroke where it has and nothing was understood. */
async function readRoute(context: ProbeContext, address: string): Promise<RouteAnswer> {
  // Only addresses are ever handed to a command.
  const family = isIP(address);
  if (family === 0) throw new ProbeBroke('not an address');
  const answered = (facts: RouteFacts | undefined, source: string): RouteAnswer | undefined => facts && { facts, source };
  switch (context.platform) {
    case 'linux': {
      const ip = await context.runCommand('ip', ['route', 'get', address], commandLimitMs);
      const byCommand = ip.name === 'done' ? answered(parseIpRouteGet(`${ip.stdout}\n${ip.stderr}`), 'ip route get') : undefined;
      if (byCommand) return byCommand;
      const table = family === 4 ? await readFile('/proc/net/route', 'utf8').catch(() => '') : '';
      const byTable = answered(parseProcNetRoute(table, address), '/proc/net/route');
      if (byTable) return byTable;
      throw ip.name === 'missing' ? new Skipped('neither ip nor the route table is there') : new ProbeBroke(`ip route get: ${ip.name}`);
    }
    case 'win32': {
      const print = family === 4 ? context.runCommand('route', ['print', '-4'], commandLimitMs) : undefined;
      const script = `Find-NetRoute -RemoteIPAddress '${address}' | Select-Object IPAddress,NextHop,InterfaceAlias | ConvertTo-Json`;
      const shell = await context.runCommand('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script], powerShellLimitMs - 200);
      const byCmdlet = shell.name === 'done' ? answered(parseFindNetRoute(shell.stdout), 'Find-NetRoute') : undefined;
      if (byCmdlet) return byCmdlet;
      const printed = await print;
      const byPrint = printed?.name === 'done' ? answered(parseRoutePrint(printed.stdout, address), 'route print') : undefined;
      if (byPrint) return byPrint;
      throw new ProbeBroke(`Find-NetRoute: ${shell.name}`);
    }
    case 'darwin': {
      const route = await context.runCommand('route', ['-n', 'get', ...(family === 6 ? ['-inet6'] : []), address], commandLimitMs);
      const byCommand = route.name === 'done' ? answered(parseRouteGetMac(`${route.stdout}\n${route.stderr}`), 'route -n get') : undefined;
      if (byCommand) return byCommand;
      throw new ProbeBroke(`route -n get: ${route.name}`);
    }
    default:
      throw new Skipped('no route command is known for this system');
  }
}
