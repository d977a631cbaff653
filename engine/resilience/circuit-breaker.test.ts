import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { AnswerError } from '../transport/answer-error.ts';
import type { Http, HttpAnswer, HttpRequest } from '../transport/http.ts';
import { CircuitBreakers } from './circuit-breaker.ts';
import { answerOf, scripted, type Reply } from './scripted-http-for-tests.ts';

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
    const http = new CircuitBreakers({ clock: systemClock }).guard(network);
    const results = await fail(http, 20);
    expect(network.sent).toBe(8);
    const refused = results.at(-1);
    expect(refused).toBeInstanceOf(AnswerError);
    expect(refused).toMatchObject({ status: 503, code: 'circuit_open', headers: { 'x-circuit': 'open' } });
  });

  it('opens when over a quarter of the answers are 5xx, and not at a quarter', async () => {
    let count = 0;
    const quarter = scripted(() => (count++ % 4 === 3 ? 500 : 200));
    await fail(new CircuitBreakers({ clock: systemClock }).guard(quarter), 40);
    expect(quarter.sent).toBe(40);
    count = 0;
    const third = scripted(() => (count++ % 3 === 2 ? 500 : 200));
    await fail(new CircuitBreakers({ clock: systemClock }).guard(third), 40);
    expect(third.sent).toBeLessThan(40);
  });

  it('lets one trial through after ten seconds and closes when it succeeds', async () => {
    let reply: Reply = 503;
    const network = scripted(() => reply);
    const changes: boolean[] = [];
    const http = new CircuitBreakers({ clock: systemClock, onChange: (_origin, open) => changes.push(open) }).guard(network);
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
    const breakers = new CircuitBreakers({ clock: systemClock });
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

  it('opens for failures that came together, not for those of half an hour', async () => {
    const breakers = new CircuitBreakers({ clock: systemClock });
    const http = breakers.guard(scripted(() => 500));
    for (let failure = 0; failure < 12; failure += 1) {
      await fail(http, 1);
      await vi.advanceTimersByTimeAsync(2_900);
    }
    expect(breakers.openOrigins()).toEqual([]);
  });

  it('forgets what was more than twenty seconds ago, request by request', async () => {
    const breakers = new CircuitBreakers({ clock: systemClock });
    let reply: Reply = 200;
    const http = breakers.guard(scripted(() => reply));
    await fail(http, 30);
    await vi.advanceTimersByTimeAsync(19_000);
    reply = 500;
    await fail(http, 8);
    expect(breakers.openOrigins()).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    await fail(http, 1);
    expect(breakers.openOrigins()).toHaveLength(1);
  });

  it('lets its trial through when it is due, whatever the computer’s date has become', async () => {
    let reply: Reply = 500;
    const network = scripted(() => reply);
    const http = new CircuitBreakers({ clock: systemClock }).guard(network);
    await fail(http, 12);
    const before = network.sent;
    vi.setSystemTime(Date.now() - 3 * 3_600_000);
    await vi.advanceTimersByTimeAsync(10_001);
    reply = 200;
    await fail(http, 2);
    expect(network.sent).toBe(before + 2);
  });

  it('refuses at once while a trial is under way, and waits with nobody for its end', async () => {
    const trial = Promise.withResolvers<HttpAnswer>();
    let reply: Reply = 500;
    const network = scripted(() => reply);
    const http = new CircuitBreakers({ clock: systemClock }).guard(network);
    await fail(http, 12);
    await vi.advanceTimersByTimeAsync(10_001);
    reply = trial.promise;
    const slow = http.send(request);
    const before = network.sent;
    expect(await fail(http, 2)).toEqual([expect.objectContaining({ code: 'circuit_open', ours: true }), expect.objectContaining({ code: 'circuit_open', ours: true })]);
    expect(network.sent).toBe(before);
    trial.resolve(answerOf(200));
    await slow;
    reply = 200;
    await fail(http, 3);
    expect(network.sent).toBe(before + 3);
  });

  it('learns nothing from a trial that a person broke off: the next request is the trial', async () => {
    let reply: Reply = 500;
    const network = scripted(() => reply);
    const breakers = new CircuitBreakers({ clock: systemClock });
    const http = breakers.guard(network);
    await fail(http, 12);
    await vi.advanceTimersByTimeAsync(10_001);
    reply = 'aborted';
    await fail(http, 1);
    expect(breakers.openOrigins()).toHaveLength(1);
    reply = 500;
    const before = network.sent;
    await fail(http, 3);
    expect(network.sent).toBe(before + 1);
  });
});
