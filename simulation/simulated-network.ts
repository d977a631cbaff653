/** @file What lies between the engine and the servers, and everything that can go wrong there. */
import type { Http, HttpAnswer, HttpErrorReason, HttpRequest } from '../engine/transport/http.ts';
import { HttpError } from '../engine/transport/http.ts';
import type { Incarnation } from './incarnation.ts';
import type { SeededRandom } from './seeded-random.ts';
import { gatewayOrigin, type SimulatedBackend } from './simulated-backend.ts';
import type { SpacesAnswer } from './simulated-spaces.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';

/** Each happens to one request. `after`: the server carries it out, but the client does not hear of it as it should. */
export const faultNames = [
  'reset-before', 'reset-mid-body', 'stall-before', 'reset-after', 'stall-after', 'truncated-after', 'timeout-504-after', 'timeout-504-late', 'malformed-after', 'html-200',
  'status-500', 'status-502', 'status-503', 'status-507', 'status-408', 'rate-limited', 'breaker-503', 'proxy-407', 'corrupt-body', 'error-in-200-after', 'too-large-once', 'slow-drip',
] as const;
export type FaultName = (typeof faultNames)[number];

export interface NetworkLog { note(line: string): void }

export class SimulatedNetwork {
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #backend: SimulatedBackend;
  readonly #log: NetworkLog;
  /** Likelihood that a request meets a fault. */
  faultRate = 0;
  faults: readonly FaultName[] = faultNames;
  up = true;
  /** Requests seen while a Retry-After of theirs was running: nobody may send then. */
  tooEager = 0;
  requests = 0;
  bodyBytes = 0;
  /** When the last request went out that was more than a knock at the door; ms of the virtual clock. */
  lastRequestAt = -1;
  readonly #quiet = new Map<string, { from: number; until: number }>();

  constructor(options: { time: VirtualTime; random: SeededRandom; backend: SimulatedBackend; log: NetworkLog }) {
    this.#time = options.time;
    this.#random = options.random;
    this.#backend = options.backend;
    this.#log = options.log;
  }

  /** The network as one life of the process sees it. */
  http(life: Incarnation): Http {
    return { send: (request) => this.#send(request, life), forgetConnections: () => undefined, close: () => undefined };
  }

  async #send(request: HttpRequest, life: Incarnation): Promise<HttpAnswer> {
    this.requests += 1;
    const body = Buffer.concat(request.body ?? []);
    const url = new URL(request.url);
    const { origin } = url;
    const fail = (reason: HttpErrorReason, requestSent: boolean): HttpError => new HttpError({ reason, endpoint: request.endpoint, requestSent });
    const knock = url.pathname === '/health/';
    if (!knock) this.lastRequestAt = this.#time.monotonic();
    const fault = !knock && this.#random.chance(this.faultRate) ? this.#random.pick(this.faults) : undefined;
    if (fault) this.#log.note(`${fault} on ${request.method} ${url.pathname}`);

    await this.#wait(this.#random.between(2, 60), request, life);
    if (!this.up) { await this.#wait(this.#random.between(1, 40), request, life); throw fail(this.#random.pick(['refused', 'offline', 'dns', 'connect-timeout'] as const), false); }
    if (!knock && this.#isQuiet(origin)) this.tooEager += 1;

    switch (fault) {
      case 'reset-before': throw fail('reset', false);
      case 'stall-before': await this.#wait(request.deadlines.stallMs, request, life); throw fail('stalled', false);
      case 'reset-mid-body': if (body.length > 0) { request.onSent?.(body.length >> 1); this.bodyBytes += body.length >> 1; } throw fail('reset', body.length === 0);
      case 'slow-drip': await this.#wait(this.#random.between(1_000, 20_000), request, life); break;
      default:
    }
    const cut = await this.#travel(body.length, request, life);
    if (cut) throw fail('reset', false);
    if (body.length > 0 && url.origin !== gatewayOrigin) this.bodyBytes += body.length;

    const refusal = this.#refusal(fault, origin);
    if (refusal) return this.#hand(refusal);
    if (fault === 'timeout-504-late') {
      // The gateway gives up after five seconds; the service behind it goes on and may finish.
      this.#time.schedule(this.#random.between(5_500, 40_000), () => { this.#perform(request, body, undefined); });
      await this.#wait(5_000, request, life);
      return this.#hand({ status: 504, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error: 'timeout', message: '' }) });
    }
    const answer = this.#perform(request, body, fault);
    await this.#wait(this.#random.between(2, 60), request, life);
    if (!this.up) throw fail('reset', true);
    switch (fault) {
      case 'reset-after': throw fail('reset', true);
      case 'stall-after': await this.#wait(request.deadlines.stallMs, request, life); throw fail('stalled', true);
      case 'truncated-after': throw fail('truncated', true);
      case 'timeout-504-after': return this.#hand({ status: 504, headers: {}, body: JSON.stringify({ error: 'timeout', message: '' }) });
      case 'malformed-after': return this.#hand({ status: 200, headers: {}, body: `${answer.body.slice(0, 20)}{` });
      case 'html-200': return this.#hand({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Welcome to the hospital Wi-Fi</html>' });
      case 'error-in-200-after': return url.origin === gatewayOrigin
        ? this.#hand({ status: 200, headers: {}, body: JSON.stringify({ status: 'error', message: '', data: null, error: { code: 'upload_failed' }, trace_id: 't' }) })
        : this.#hand({ status: 200, headers: {}, body: '<Error><Code>InternalError</Code></Error>' });
      default: return this.#hand(answer);
    }
  }

  /** A process that was told has died; its successor cannot know. */
  forgetQuiet(): void {
    this.#quiet.clear();
  }

  #isQuiet(origin: string): boolean {
    const quiet = this.#quiet.get(origin);
    const now = this.#time.trueNow();
    return quiet !== undefined && now > quiet.from && now < quiet.until;
  }

  /** A server that answers without having done anything. */
  #refusal(fault: FaultName | undefined, origin: string): SpacesAnswer | undefined {
    const json = (status: number, code: string, headers: Record<string, string> = {}): SpacesAnswer => ({ status, headers, body: JSON.stringify({ error: code, message: '' }) });
    switch (fault) {
      case 'status-500': return json(500, 'internal');
      case 'status-502': return json(502, 'upload_failed');
      case 'status-503': return json(503, 'service_unavailable');
      case 'status-507': return json(507, 'no_space');
      case 'status-408': return json(408, 'request_timeout');
      case 'breaker-503': return json(503, 'open', { 'x-circuit': 'open', 'retry-after': '8' });
      case 'proxy-407': return { status: 407, headers: {}, body: '' };
      case 'too-large-once': return { status: 413, headers: {}, body: '' };
      case 'rate-limited': {
        const seconds = this.#random.between(1, 30);
        // Half a second at both ends for what is on its way, and for whole seconds.
        this.#quiet.set(origin, { from: this.#time.trueNow() + 500, until: this.#time.trueNow() + seconds * 1_000 - 500 });
        return json(429, 'rate_limited', { 'retry-after': String(seconds) });
      }
      default: return undefined;
    }
  }

  #perform(request: HttpRequest, body: Buffer, fault: FaultName | undefined): SpacesAnswer {
    const url = new URL(request.url);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
    const path = url.pathname + url.search;
    const arrived = Buffer.from(body);
    const isPhoto = url.origin !== gatewayOrigin || url.pathname.endsWith('/photo');
    if (fault === 'corrupt-body' && isPhoto && arrived.length > 0) {
      // A broken router flips a bit, and the header that would tell is lost with it.
      arrived[arrived.length >> 1] = (arrived[arrived.length >> 1] ?? 0) ^ 1;
      delete headers['content-md5'];
    }
    if (url.origin === gatewayOrigin) return this.#backend.answer({ method: request.method, path, headers, body: arrived });
    return this.#backend.answerSpaces({ method: request.method, path, headers, body: arrived });
  }

  /** The body on its way, in a few steps so that a link that drops cuts it. @returns whether it was cut */
  async #travel(bytes: number, request: HttpRequest, life: Incarnation): Promise<boolean> {
    for (let sent = 0; sent < bytes;) {
      const step = Math.min(bytes - sent, 1_024);
      await this.#wait(this.#random.between(1, 15), request, life);
      if (!this.up) return true;
      sent += step;
      request.onSent?.(step);
    }
    return false;
  }

  async #wait(ms: number, request: HttpRequest, life: Incarnation): Promise<void> {
    const signal = request.signal ? AbortSignal.any([request.signal, life.deathSignal]) : life.deathSignal;
    await this.#time.sleep(ms, signal);
    if (life.dead) await new Promise<never>(() => undefined);
    if (request.signal?.aborted) throw new HttpError({ reason: 'aborted', endpoint: request.endpoint, requestSent: false });
  }

  #hand(answer: SpacesAnswer): HttpAnswer {
    return { status: answer.status, headers: { date: new Date(this.#time.trueNow()).toUTCString(), ...answer.headers }, body: Buffer.from(answer.body), phases: { total: 1 } };
  }
}
