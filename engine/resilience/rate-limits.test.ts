import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import type { HttpRequest } from '../transport/http.ts';
import { RateLimits } from './rate-limits.ts';
import { answerOf, scripted, type Reply } from './scripted-http-for-tests.ts';

const request: HttpRequest = { method: 'GET', url: 'http://gateway.example/x', headers: {}, endpoint: 'gateway', deadlines: { connectMs: 1, stallMs: 1 } };

beforeEach(() => { vi.useFakeTimers(); vi.setSystemTime(1_700_000_000_000); });
afterEach(() => { vi.useRealTimers(); });

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

  it('is kept by a clock that nobody sets', async () => {
    let reply: Reply = { status: 429, headers: { 'retry-after': '5' } };
    const network = scripted(() => reply);
    const http = new RateLimits(systemClock).guard(network);
    await http.send(request);
    reply = 200;
    vi.setSystemTime(Date.now() + 3_600_000);
    await expect(http.send(request)).rejects.toMatchObject({ status: 429, ours: true });
    await vi.advanceTimersByTimeAsync(120_000);
    await http.send(request);
    vi.setSystemTime(Date.now() - 4 * 3_600_000);
    const after = http.send(request);
    await vi.advanceTimersByTimeAsync(2_100);
    expect(await after).toMatchObject({ status: 200 });
  });

  it.each<[string, Partial<HttpRequest>, Reply]>([
    ['503 with a time', {}, { status: 503, headers: { 'retry-after': '30' } }],
    ['503 with a time, of the store', { endpoint: 'spaces' }, { status: 503, headers: { 'retry-after': '30' } }],
  ])('is what a %s asks for, too', async (_name, more, reply) => {
    const network = scripted(() => reply);
    const http = new RateLimits(systemClock).guard(network);
    await http.send({ ...request, ...more });
    await expect(http.send({ ...request, ...more })).rejects.toMatchObject({ status: 429, headers: { 'retry-after': '30' }, ours: true });
    expect(network.sent).toBe(1);
  });

  it('is what SlowDown asks for, which S3 says without a time', async () => {
    const slowDown = { ...answerOf(503), body: new TextEncoder().encode('<Error><Code>SlowDown</Code></Error>') };
    let reply: Reply = 200;
    const network = scripted(() => reply);
    const http = new RateLimits(systemClock).guard(network);
    const put: HttpRequest = { ...request, method: 'PUT', endpoint: 'spaces' };
    for (let index = 0; index < 10; index += 1) { await http.send(put); await vi.advanceTimersByTimeAsync(100); }
    reply = Promise.resolve(slowDown);
    await http.send(put);
    reply = 200;
    const before = network.sent;
    const all = Array.from({ length: 20 }, () => http.send(put).catch(() => undefined));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(network.sent - before).toBeLessThan(12);
    await vi.advanceTimersByTimeAsync(60_000);
    await Promise.all(all);
  });

  it('does not keep anybody from signing in while one service behind the gateway is given up by it', async () => {
    const network = scripted(() => ({ status: 503, headers: { 'x-circuit': 'open', 'retry-after': '3600' } }));
    const http = new RateLimits(systemClock).guard(network);
    await http.send(request);
    await http.send(request);
    expect(network.sent).toBe(2);
  });
});
