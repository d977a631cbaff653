import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { AnswerError } from '../transport/answer-error.ts';
import { HttpError, type Http, type HttpAnswer, type HttpRequest } from '../transport/http.ts';
import { CircuitBreakers } from './circuit-breaker.ts';
import { RateLimits } from './rate-limits.ts';

type Reply = number | { status: number; headers: Record<string, string> } | 'refused';

/** A network that answers what the test says next, and counts what reached it. */
function scripted(next: () => Reply): Http & { sent: number } {
  return {
    sent: 0,
    async send(): Promise<HttpAnswer> {
      this.sent += 1;
      const reply = next();
      if (reply === 'refused') throw new HttpError({ reason: 'refused', endpoint: 'gateway', requestSent: false });
      const { status, headers } = typeof reply === 'number' ? { status: reply, headers: {} } : reply;
      return { status, headers, body: new Uint8Array(), phases: { total: 1 } };
    },
    forgetConnections() {}, close() {},
  };
}
const request: HttpRequest = { method: 'GET', url: 'http://gateway.example/x', headers: {}, endpoint: 'gateway', deadlines: { connectMs: 1, stallMs: 1 } };

beforeEach(() => { vi.useFakeTimers(); vi.setSystemTime(1_700_000_000_000); });
afterEach(() => { vi.useRealTimers(); });

describe('the circuit breaker', () => {
  async function fail(http: Http, times: number): Promise<unknown[]> {
    const results: unknown[] = [];
    for (let index = 0; index < times; index += 1) results.push(await http.send(request).catch((error: unknown) => error));
    return results;
  }

  it('opens when over half of the requests get no answer, and then asks nobody', async () => {
    const network = scripted(() => 'refused');
    const http = new CircuitBreakers().guard(network);
    const results = await fail(http, 20);
    expect(network.sent).toBe(8);
    const refused = results.at(-1);
    expect(refused).toBeInstanceOf(AnswerError);
    expect(refused).toMatchObject({ status: 503, code: 'circuit_open', headers: { 'x-circuit': 'open' } });
  });

  it('opens when over a quarter of the answers are 5xx, and not at a quarter', async () => {
    let count = 0;
    const quarter = scripted(() => (count++ % 4 === 3 ? 500 : 200));
    await fail(new CircuitBreakers().guard(quarter), 40);
    expect(quarter.sent).toBe(40);
    count = 0;
    const third = scripted(() => (count++ % 3 === 2 ? 500 : 200));
    await fail(new CircuitBreakers().guard(third), 40);
    expect(third.sent).toBeLessThan(40);
  });

  it('lets one trial through after ten seconds and closes when it succeeds', async () => {
    let reply: Reply = 503;
    const network = scripted(() => reply);
    const changes: boolean[] = [];
    const http = new CircuitBreakers({ onChange: (_origin, open) => changes.push(open) }).guard(network);
    await fail(http, 12);
    const before = network.sent;
    vi.advanceTimersByTime(9_000);
    await fail(http, 1);
    expect(network.sent).toBe(before);
    vi.advanceTimersByTime(1_100);
    reply = 200;
    expect(await http.send(request)).toMatchObject({ status: 200 });
    expect(changes).toEqual([true, false]);
  });

  it('is per address, and is forgotten when the network is back', async () => {
    const breakers = new CircuitBreakers();
    const network = scripted(() => 'refused');
    const http = breakers.guard(network);
    await fail(http, 12);
    const before = network.sent;
    await http.send({ ...request, url: 'http://spaces.example/y' }).catch(() => undefined);
    expect(network.sent).toBe(before + 1);
    breakers.reset();
    await fail(http, 1);
    expect(network.sent).toBe(before + 2);
  });
});

describe('the shared rate limit', () => {
  it('holds everyone back for as long as one of them was told, to the second', async () => {
    let reply: Reply = { status: 429, headers: { 'retry-after': '7' } };
    const network = scripted(() => reply);
    const http = new RateLimits(systemClock).guard(network);
    await http.send(request);
    reply = 200;
    const told = await http.send(request).catch((error: unknown) => error);
    expect(told).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
    expect(network.sent).toBe(1);
    await vi.advanceTimersByTimeAsync(7_000);
    const after = http.send(request);
    await vi.advanceTimersByTimeAsync(2_100);
    expect(await after).toMatchObject({ status: 200 });
  });

  it('lets requests through more slowly afterwards', async () => {
    let reply: Reply = 200;
    const network = scripted(() => reply);
    const http = new RateLimits(systemClock).guard(network);
    for (let index = 0; index < 10; index += 1) { await http.send(request); await vi.advanceTimersByTimeAsync(100); }
    reply = { status: 429, headers: {} };
    await http.send(request);
    reply = 200;
    await vi.advanceTimersByTimeAsync(1_000);
    const sentBefore = network.sent;
    const all = Array.from({ length: 20 }, () => http.send(request).catch(() => undefined));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(network.sent - sentBefore).toBeGreaterThan(2);
    expect(network.sent - sentBefore).toBeLessThan(12);
    await vi.advanceTimersByTimeAsync(60_000);
    await Promise.all(all);
  });
});
