/** @file Reads how proxies are written: in a PAC script's answer, in a setting, in the environment. Pure; what comes is not trusted. */
import { isIP } from 'node:net';
import { direct, type Proxy, type Route } from '../transport/routes.ts';

/** More in one answer than anybody means. */
const mostRoutes = 10;

export interface PacAnswer {
  routes: Route[];
  /** It names ways that we cannot go (SOCKS). */
  unsupported: boolean;
}

/**
 * The answer of a PAC script, as Chromium prints it: `PROXY host:port; HTTPS host:port; DIRECT`.
 * https://developer.mozilla.org/docs/Web/HTTP/Guides/Proxy_servers_and_tunneling/Proxy_Auto-Configuration_PAC_file
 *
 * @returns undefined where nothing in it is understood
 */
export function parsePacAnswer(text: string): PacAnswer | undefined {
  const routes: Route[] = [];
  let unsupported = false;
  for (const entry of text.split(';').slice(0, 50)) {
    const [, word = '', rest] = /^([A-Z0-9]{2,8})(?:[ \t]+(\S{1,300}))?$/i.exec(entry.trim()) ?? [];
    switch (word.toUpperCase()) {
      case 'DIRECT':
        if (rest === undefined) add(routes, direct);
        break;
      case 'PROXY': case 'HTTP': case 'HTTPS': {
        const secure = word.toUpperCase() === 'HTTPS';
        const proxy = rest === undefined ? undefined : parseHostAndPort(rest, secure);
        if (proxy) add(routes, { name: 'proxy', proxy });
        break;
      }
      case 'SOCKS': case 'SOCKS4': case 'SOCKS5': case 'QUIC':
        unsupported = true;
        break;
      default:
    }
  }
  return routes.length > 0 || unsupported ? { routes: routes.slice(0, mostRoutes), unsupported } : undefined;
}

function add(routes: Route[], route: Route): void {
  const key = JSON.stringify(route);
  if (!routes.some((one) => JSON.stringify(one) === key)) routes.push(route);
}

function parseHostAndPort(text: string, secure: boolean): Proxy | undefined {
  const match = /^(?:\[([0-9a-f:.%]{2,60})\]|([a-z0-9_-][a-z0-9._-]{0,252}))(?::(\d{1,5}))?$/i.exec(text);
  if (!match) return undefined;
  const [, six, name, digits] = match;
  const port = digits === undefined ? (secure ? 443 : 80) : Number(digits);
  if (port < 1 || port > 65_535 || (six !== undefined && isIP(six) !== 6)) return undefined;
  return { host: (six ?? name ?? '').toLowerCase(), port, secure };
}

export interface ProxyAddress {
  proxy: Proxy;
  /** Of an address like `http://user:password@host:port`, which only the environment may hold. */
  signIn?: { user: string; password: string };
}

/** A proxy's address, with or without a scheme. Undefined: not one of a proxy that we can use. */
export function parseProxyAddress(text: string): ProxyAddress | undefined {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(withScheme)) return undefined;
  const url = new URL(withScheme);
  if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') return undefined;
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const proxy = { host: url.hostname.replace(/^\[|\]$/g, ''), port, secure };
  if (url.username === '') return { proxy };
  try {
    return { proxy, signIn: { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) } };
  } catch {
    return { proxy };
  }
}
