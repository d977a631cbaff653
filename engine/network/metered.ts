import type { RunCommand } from '../diagnostics/probes/run-command.ts';
import { parseConnectionCost, parseNetworkManagerProperty, parseNmcliDevices, type Metered } from './metered-parsers.ts';

const commandLimitMs = 2_000;
/** PowerShell alone takes seconds to start on a slow computer. */
const powerShellLimitMs = 8_000;

const connectionCost = [
  '$p = [Windows.Networking.Connectivity.NetworkInformation, Windows.Networking.Connectivity, ContentType = WindowsRuntime]::GetInternetConnectionProfile()',
  'if ($p) { $c = $p.GetConnectionCost(); "$($c.NetworkCostType) $($c.Roaming) $($c.OverDataLimit)" }',
].join('; ');

/**
 * Whether the system takes its network for a metered one. Asks the system's own tools; sends nothing. Never rejects, ends within ten seconds.
 * Linux: NetworkManager. Windows: its Runtime, through PowerShell. macOS tells only programs that link its frameworks: `unknown`.
 */
export async function askMetered(platform: NodeJS.Platform, runCommand: RunCommand): Promise<Metered> {
  const read = async (file: string, parameters: string[], limitMs: number, parse: (output: string) => Metered): Promise<Metered> => {
    const ran = await runCommand(file, parameters, limitMs);
    return ran.name === 'done' && ran.code === 0 ? parse(ran.stdout) : 'unknown';
  };
  switch (platform) {
    case 'linux': {
      const manager = ['org.freedesktop.NetworkManager', '/org/freedesktop/NetworkManager', 'org.freedesktop.NetworkManager', 'Metered'];
      const property = await read('busctl', ['--system', 'get-property', ...manager], commandLimitMs, parseNetworkManagerProperty);
      return property === 'unknown' ? read('nmcli', ['-t', '-f', 'GENERAL.STATE,GENERAL.METERED', 'device', 'show'], commandLimitMs, parseNmcliDevices) : property;
    }
    case 'win32':
      return read('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', connectionCost], powerShellLimitMs, parseConnectionCost);
    default:
      return 'unknown';
  }
}
