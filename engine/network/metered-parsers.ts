/** @file Reads what the systems say of the cost of their network. Pure; what is not understood is `unknown`. Outputs are in `fixtures/`. */
import type { NetworkState } from '../../shared/domain/network.ts';

export type Metered = NetworkState['metered'];

/**
 * `busctl get-property … org.freedesktop.NetworkManager Metered`: of the connection with the default route.
 * https://networkmanager.dev/docs/api/latest/nm-dbus-types.html#NMMetered
 */
export function parseNetworkManagerProperty(output: string): Metered {
  switch (/^u (\d)\s*$/.exec(output)?.[1]) {
    case '1': case '3': return 'yes';
    case '2': case '4': return 'no';
    default: return 'unknown';
  }
}

/** `nmcli -t -f GENERAL.STATE,GENERAL.METERED device show`: every device, so only where the connected ones agree. */
export function parseNmcliDevices(output: string): Metered {
  const answers = new Set<Metered>();
  for (const device of output.split(/\n\s*\n/)) {
    if (!/^GENERAL\.STATE:100\b/m.test(device)) continue;
    const word = /^GENERAL\.METERED:(yes|no)\b/m.exec(device)?.[1];
    if (word === 'yes' || word === 'no') answers.add(word);
  }
  const [only] = answers;
  return answers.size === 1 && only ? only : 'unknown';
}

/**
 * `NetworkCostType Roaming OverDataLimit` of Windows' connection to the Internet.
 * https://learn.microsoft.com/uwp/api/windows.networking.connectivity.networkcosttype
 */
export function parseConnectionCost(output: string): Metered {
  const [, cost, roaming, overLimit] = /^\s*(Unknown|Unrestricted|Fixed|Variable)\s+(True|False)\s+(True|False)\s*$/i.exec(output) ?? [];
  if (cost === undefined) return 'unknown';
  if ([roaming, overLimit].some((word) => word?.toLowerCase() === 'true')) return 'yes';
  switch (cost.toLowerCase()) {
    case 'fixed': case 'variable': return 'yes';
    case 'unrestricted': return 'no';
    default: return 'unknown';
  }
}
