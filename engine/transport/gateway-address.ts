/**
 * Where a call of the gateway goes. A gateway may lie under a path of its host (`https://host/heartguard`), and what is
 * outside that path belongs to somebody else, who is to be shown no token: so uploads and probes ask here, and nobody
 * resolves a path against the gateway as a browser would, for that leaves the host alone.
 *
 * @param path begins with a slash; may carry a query, its identifiers already encoded.
 */
export function gatewayAddress(gateway: string | URL, path: string): string {
  const base = new URL(gateway);
  base.search = '';
  base.hash = '';
  return base.href.replace(/\/+$/, '') + path;
}
