import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { countBody } from './body-tap.ts';
import type { ServiceName } from '../options.ts';

export interface RequestEntry {
  /** Rises by one for each request that ended, over all services. */
  number: number;
  service: ServiceName;
  method: string;
  /** The path with identifiers replaced, e.g. `/media/uploads/{id}/complete`; never a query string. */
  path: string;
  /** Names of the query's parameters, sorted; for Spaces they tell a part (`partNumber`, `uploadId`) from an object. */
  query: string[];
  /** What the client was told; absent when the connection ended without an answer. */
  status?: number;
  /** Bytes of the body that arrived, whether or not anyone read them. */
  bytesIn: number;
  /** Kind of the fault that was applied. */
  fault?: string;
  traceId?: string;
  /** When it arrived, and how long until it was over. */
  at: string;
  ms: number;
}

export interface RequestTotals {
  /** Begun, whether or not they ended yet. */
  requests: number;
  bytesIn: number;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const longHex = /[0-9a-f]{32}/gi;

export function pathTemplate(path: string): string {
  return path.replace(uuid, '{id}').replace(longHex, '{id}');
}

/** The last requests of every service, newest last, and totals that never forget. */
export class RequestLog {
  readonly #entries: RequestEntry[] = [];
  readonly #totals = new Map<ServiceName, RequestTotals>();
  readonly #events = new EventEmitter();
  readonly #keep: number;
  #number = 0;

  constructor(keep = 10_000) {
    this.#keep = keep;
    this.#events.setMaxListeners(0);
  }

  /** Follows one request to its end. The returned function names the fault that was applied to it. */
  follow(service: ServiceName, request: IncomingMessage, response: ServerResponse): (fault: string) => void {
    const startedAt = Date.now();
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const entry: RequestEntry = {
      number: 0,
      service,
      method: request.method ?? '',
      path: pathTemplate(path),
      query: [...new Set(new URLSearchParams(query).keys())].sort(),
      bytesIn: 0,
      at: new Date(startedAt).toISOString(),
      ms: 0,
    };
    const totals = this.#totalsOf(service);
    totals.requests += 1;
    countBody(request, (bytes) => {
      // A body may go on arriving after an early answer: the entry grows with it.
      entry.bytesIn += bytes;
      totals.bytesIn += bytes;
    });
    response.once('close', () => {
      const traceId = request.headers['x-trace-id'];
      if (typeof traceId === 'string') entry.traceId = traceId;
      if (response.headersSent) entry.status = response.statusCode;
      entry.number = ++this.#number;
      entry.ms = Date.now() - startedAt;
      this.#entries.push(entry);
      if (this.#entries.length > this.#keep) this.#entries.splice(0, this.#entries.length - this.#keep);
      this.#events.emit('entry', entry);
    });
    return (fault) => {
      entry.fault = fault;
    };
  }

  /** Requests that ended after the one numbered `since`. */
  list(since = 0): RequestEntry[] {
    return this.#entries.filter((entry) => entry.number > since);
  }

  totals(): Partial<Record<ServiceName, RequestTotals>> {
    return Object.fromEntries(this.#totals);
  }

  /** Forgets the entries and the totals; numbers go on rising. */
  clear(): void {
    this.#entries.length = 0;
    this.#totals.clear();
  }

  /** The next request to end that `matches`. Rejects when `signal` aborts. */
  async next(matches: (entry: RequestEntry) => boolean, signal?: AbortSignal): Promise<RequestEntry> {
    for (;;) {
      const [entry] = (await once(this.#events, 'entry', signal ? { signal } : {})) as [RequestEntry];
      if (matches(entry)) return entry;
    }
  }

  #totalsOf(service: ServiceName): RequestTotals {
    const totals = this.#totals.get(service) ?? { requests: 0, bytesIn: 0 };
    this.#totals.set(service, totals);
    return totals;
  }
}
