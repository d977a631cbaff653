import { HttpError, type Http, type HttpAnswer, type HttpErrorReason, type HttpRequest } from './http.ts';

/** What befalls one request: its answer is lost after it was carried out, it never leaves, or another answer comes. */
export type Mishap =
  | { kind: 'answer-lost'; reason: Extract<HttpErrorReason, 'reset' | 'stalled' | 'truncated'> }
  | { kind: 'not-sent'; reason: Extract<HttpErrorReason, 'refused' | 'offline' | 'reset'> }
  | { kind: 'answered'; status: number; body?: string; headers?: Record<string, string> };

export interface FaultyHttp extends Http {
  /** The next `times` requests that match meet with it. Later orders come after earlier ones. */
  next(matches: (request: HttpRequest) => boolean, mishap: Mishap, times?: number): void;
  /** Takes back all orders that no request has met. */
  mend(): void;
  /** Method and path, without the query, of all that was asked for. */
  readonly seen: string[];
}

/** An `Http` that goes wrong when told to, on whatever real one: for tests against servers that cannot be told. */
export function createFaultyHttp(inner: Http): FaultyHttp {
  const orders: { matches: (request: HttpRequest) => boolean; mishap: Mishap; left: number }[] = [];
  const seen: string[] = [];

  async function meet(mishap: Mishap, request: HttpRequest): Promise<HttpAnswer> {
    const { endpoint } = request;
    switch (mishap.kind) {
      case 'answer-lost':
        await inner.send(request);
        throw new HttpError({ reason: mishap.reason, endpoint, requestSent: true });
      case 'not-sent':
        throw new HttpError({ reason: mishap.reason, endpoint, requestSent: false });
      case 'answered':
        return { status: mishap.status, headers: mishap.headers ?? {}, body: new TextEncoder().encode(mishap.body ?? ''), phases: { total: 0 } };
    }
  }

  return {
    seen,
    next: (matches, mishap, times = 1) => { orders.push({ matches, mishap, left: times }); },
    mend: () => { orders.length = 0; },
    async send(request) {
      seen.push(`${request.method} ${new URL(request.url).pathname}`);
      const index = orders.findIndex(({ matches }) => matches(request));
      const order = orders[index];
      if (!order) return inner.send(request);
      order.left -= 1;
      if (order.left === 0) orders.splice(index, 1);
      return meet(order.mishap, request);
    },
    forgetConnections: () => { inner.forgetConnections(); },
    close: () => { inner.close(); },
  };
}
