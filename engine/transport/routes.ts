/** Somebody who passes requests on. */
export interface Proxy {
  /** A name or an address, the latter without brackets. */
  host: string;
  port: number;
  /** TLS on the way to the proxy itself. */
  secure: boolean;
}

/** One way from this computer to a host. */
export type Route = { name: 'direct' } | { name: 'proxy'; proxy: Proxy };

/**
 * Knows which way requests go. Made before anybody can say (the settings lie in the database), so it is asked anew each time.
 * Sign-ins are given out only for the proxy that asked, and only as the header that it is to get.
 */
export interface Routes {
  /** In the order in which they are to be tried. Empty: there is a way, but not one that we can go (SOCKS). Never rejects; ends within some seconds. */
  find(url: URL): Promise<readonly Route[]>;
  /** The value of `Proxy-Authorization`, for a proxy that has asked for it before. */
  authorization(proxy: Proxy): string | undefined;
  /**
   * The proxy has answered 407.
   *
   * @param challenges the values of `Proxy-Authenticate`
   * @param sent what it was given and did not take, if anything
   * @param signal nobody needs the answer any more: then there is none
   * @returns what another try should bring it, or why there is none: `detail` is for the failure's
   */
  asked(proxy: Proxy, challenges: readonly string[], sent: string | undefined, signal?: AbortSignal): Promise<{ authorization: string } | { detail: string }>;
  /** No connection to the proxy came about. */
  unreachable(proxy: Proxy): void;
  /** A whole answer came this way. @param sent the `Proxy-Authorization` that it took, if any */
  passed(url: URL, route: Route, sent?: string): void;
}

export const direct: Route = { name: 'direct' };

/** For a network without proxies. */
export const directRoutes: Routes = {
  find: async () => [direct],
  authorization: () => undefined,
  asked: async () => ({ detail: 'proxy-auth' }),
  unreachable: () => undefined,
  passed: () => undefined,
};

/** What tells one proxy from another. With TLS and without are two, also at one port: what is meant for the one is not for the other. */
export function proxyPlace(proxy: Proxy): string {
  return `${proxy.secure ? 'https' : 'http'}://${proxyName(proxy)}`;
}

/** `host:port`, as it is shown. */
export function proxyName({ host, port }: Proxy): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
