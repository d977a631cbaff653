import { isBypassed } from './bypass.ts';
import { parseProxyAddress, type ProxyAddress } from './proxy-words.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for an address, as curl reads it: `https_proxy`, `http_proxy`, `all_proxy`, `no_proxy`, in either case.
 * https://curl.se/docs/manpage.html#ENVIRONMENT
 *
 * @returns `none`, or what is named, which is undefined where it is nothing that we can use
 */
export function environmentProxy(environment: Environment, url: URL): { name: 'none' } | { name: 'named'; address: ProxyAddress | undefined } {
  const read = (name: string): string | undefined => (environment[name] ?? environment[name.toUpperCase()])?.trim() || undefined;
  const named = read(url.protocol === 'https:' ? 'https_proxy' : 'http_proxy') ?? read('all_proxy');
  if (named === undefined || isBypassed((read('no_proxy') ?? '').split(/[\s,]+/).filter(Boolean), url, true)) return { name: 'none' };
  return { name: 'named', address: parseProxyAddress(named) };
}
