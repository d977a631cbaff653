import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../logging/logger.ts';
import { HttpError, type Http, type HttpErrorReason, type HttpRequest } from '../transport/http.ts';
import { Reachability } from './reachability.ts';

const upload: HttpRequest = { method: 'PUT', url: 'http://spaces.example/photo', headers: {}, endpoint: 'spaces', deadlines: { connectMs: 1, stallMs: 1 } };
/** Long after every knock that could come. */
const laterMs = 20_000;

let uploads: HttpErrorReason | 'answered';
let knocks: HttpErrorReason | 'answered';
let knocked: number;
let back: number;
let reachability: Reachability;
let http: Http;

beforeEach(() => {
  vi.useFakeTimers();
  [uploads, knocks, knocked, back] = ['answered', 'answered', 0, 0];
  const network: Http = {
    send: ({ url, endpoint }) => {
      const isKnock = url.endsWith('/health/');
      if (isKnock) knocked += 1;
      const now = isKnock ? knocks : uploads;
      return now === 'answered'
        ? Promise.resolve({ status: 404, headers: {}, body: new Uint8Array(), phases: { total: 1 } })
        : Promise.reject(new HttpError({ reason: now, endpoint, requestSent: false }));
    },
    forgetConnections() {}, close() {},
  };
  reachability = new Reachability({ http: network, clock: systemClock, random: { unit: () => 0.5, uuid: () => '' }, log: silentLogger, onBack: () => { back += 1; } });
  http = reachability.observe(network);
});
afterEach(() => {
  reachability.stop();
  vi.useRealTimers();
});

async function failing(reason: HttpErrorReason): Promise<void> {
  uploads = reason;
  await expect(http.send(upload)).rejects.toMatchObject({ reason });
}

describe('an address that', () => {
  it.each<HttpErrorReason>(['refused', 'dns', 'connect-timeout', 'certificate-expired'])('cannot be connected to (%s) is news within 2 s of its return', async (reason) => {
    knocks = reason;
    await failing(reason);
    await vi.advanceTimersByTimeAsync(laterMs);
    expect(back).toBe(0);
    knocks = 'answered';
    await vi.advanceTimersByTimeAsync(2_000);
    expect(back).toBe(1);
  });

  it.each<HttpErrorReason>(['reset', 'stalled', 'truncated'])('cuts uploads (%s) and lets knocks through was never away', async (reason) => {
    await failing(reason);
    await vi.advanceTimersByTimeAsync(laterMs);
    expect({ back, knocked }).toEqual({ back: 0, knocked: 1 });
    expect(reachability.allReachable).toBe(true);
  });

  it('cut an upload and then does not answer a knock is away', async () => {
    knocks = 'connect-timeout';
    await failing('reset');
    await vi.advanceTimersByTimeAsync(laterMs);
    expect(reachability.allReachable).toBe(false);
    knocks = 'answered';
    await vi.advanceTimersByTimeAsync(2_000);
    expect(back).toBe(1);
  });

  it('fails after the engine has stopped is not knocked at', async () => {
    reachability.stop();
    knocks = 'refused';
    await failing('refused');
    await vi.advanceTimersByTimeAsync(laterMs);
    expect(knocked).toBe(0);
  });
});
