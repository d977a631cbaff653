import { z } from 'zod';
import { HttpError, type Http, type HttpAnswer, type HttpRequest } from '../engine/transport/http.ts';
import { bareEtag } from '../engine/transport/wire.ts';
import { lastlyWithheld, shapeOf, textKind, type Shape } from './shape.ts';
import type { Withheld } from './withheld.ts';

const shapeSchema: z.ZodType<Shape> = z.lazy(() => z.union([z.string(), z.array(shapeSchema), z.record(z.string(), shapeSchema)]));

const exchangeSchema = z.object({
  method: z.string(),
  /** Under the gateway's address, without identifiers; `{object}` for an object of the store. */
  route: z.string(),
  answer: z.union([
    z.object({ status: z.number().int(), headers: z.record(z.string(), z.string()), body: shapeSchema }),
    /** No whole answer came. */
    z.object({ none: z.string() }),
  ]),
});
export type Exchange = z.infer<typeof exchangeSchema>;

/** What was asked and answered in each check. Holds nothing of persons, and nothing that differs from run to run. */
export const contractRecordSchema = z.object({
  schema_version: z.literal(1),
  contract: z.literal('heartguard'),
  checks: z.record(z.string(), z.object({ outcome: z.enum(['kept', 'broken', 'not-run']), exchanges: z.array(exchangeSchema) })),
});
export type ContractRecord = z.infer<typeof contractRecordSchema>;

/** Headers by which a client, or whoever compares two gateways, decides something. */
const headersThatMatter = ['allow', 'content-type', 'etag', 'last-modified', 'location', 'retry-after', 'www-authenticate', 'x-circuit', 'x-trace-id'];

/** An `Http` that writes down, for the check under way, what everything that uses it asks and is told. */
export class Recorder implements Http {
  readonly #http: Http;
  readonly #base: string;
  readonly #withheld: Withheld;
  readonly #exchanges = new Map<string, Exchange[]>();
  #check: string | undefined;

  constructor(http: Http, base: string, withheld: Withheld) {
    this.#http = http;
    this.#base = base;
    this.#withheld = withheld;
  }

  /** From here on for this check; undefined: nothing is written down. */
  record(check: string | undefined): void {
    this.#check = check;
  }

  /** In the order in which they were asked; repetitions with the same answer once. To be called at the end of all. */
  exchanges(check: string): Exchange[] {
    const all = (this.#exchanges.get(check) ?? []).map(({ answer, ...rest }): Exchange => {
      return 'none' in answer ? { ...rest, answer } : { ...rest, answer: { ...answer, headers: lastlyWithheld(answer.headers, this.#withheld), body: lastlyWithheld(answer.body, this.#withheld) } };
    });
    const unlike = new Map(all.map((exchange) => [JSON.stringify(exchange), exchange]));
    return [...unlike.values()];
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    const exchange: Exchange = { method: request.method, route: this.#routeOf(request), answer: { none: 'unfinished' } };
    if (this.#check !== undefined) this.#exchanges.set(this.#check, [...(this.#exchanges.get(this.#check) ?? []), exchange]);
    try {
      const answer = await this.#http.send(request);
      exchange.answer = { status: answer.status, headers: this.#headersOf(request, answer), body: this.#bodyOf(request, answer) };
      return answer;
    } catch (error) {
      exchange.answer = { none: error instanceof HttpError ? error.reason : 'unknown' };
      throw error;
    }
  }

  forgetConnections(): void {
    this.#http.forgetConnections();
  }

  close(): void {
    this.#http.close();
  }

  #routeOf({ url, endpoint }: HttpRequest): string {
    return endpoint === 'spaces' ? '{object}' : routeOf(url.slice(this.#base.length));
  }

  #headersOf(request: HttpRequest, { headers }: HttpAnswer): Record<string, string> {
    return Object.fromEntries(headersThatMatter.flatMap((name): [string, string][] => {
      const value = headers[name];
      if (value === undefined) return [];
      switch (name) {
        case 'content-type': return [[name, this.#withheld.word((value.split(';', 1)[0] ?? '').trim().toLowerCase())]];
        case 'etag': return [[name, textKind(bareEtag(value))]];
        case 'location': return [[name, this.#placeOf(value, request.url)]];
        case 'x-trace-id': return [[name, value === request.headers['x-trace-id'] ? 'as sent' : 'another']];
        default: return [[name, 'present']];
      }
    }));
  }

  #placeOf(location: string, from: string): string {
    const place = URL.canParse(location, from) ? new URL(location, from).href : '';
    return place === `${this.#base}/health/` ? '/health/' : 'elsewhere';
  }

  #bodyOf({ endpoint }: HttpRequest, { body }: HttpAnswer): Shape {
    if (body.length === 0) return 'nothing';
    if (endpoint === 'spaces') return 'bytes';
    const value = jsonOf(body);
    if (value === undefined) return /^\s*</.test(new TextDecoder().decode(body.subarray(0, 100))) ? 'web page' : 'not JSON';
    this.#withheld.learnFrom(value);
    return shapeOf(value, this.#withheld);
  }
}

/** A body as JSON; undefined where it is none. */
export function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** Without query, and without the identifiers that stand where contract A has them. */
function routeOf(path: string): string {
  return (path.split('?', 1)[0] ?? '').replace(/(\/(?:orgs|patients)\/)(?!\{)[^/]+/g, '$1{id}');
}
