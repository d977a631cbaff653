/**
 * @file Faults of the backend: gateway, media service and Spaces as separate servers that really proxy to one another.
 * The backend comes from whoever runs the laboratory (the sandbox); photos are really sent, and how they fail is what is observed.
 */
import { createHash, randomUUID } from 'node:crypto';
import BetterSqlite from 'better-sqlite3';
import { classify } from '../../resilience/classify.ts';
import { HttpError } from '../../transport/http.ts';
import { answerError } from '../../transport/wire.ts';
import type { DiagnosticEnvironment } from '../environment.ts';
import { diagnosisMigrations } from '../history-migrations.ts';
import { DiagnosisHistory } from '../history.ts';
import type { UploadAttempt } from '../facts.ts';
import { readBackendAnswer } from '../probes/answers.ts';
import type { ChromiumFetch } from '../probes/chromium.ts';
import { ConnectFailure } from '../probes/connection.ts';
import { exchange, type ExchangeAnswer, type ExchangeRequest } from '../probes/exchange.ts';
import { probeContext } from '../environment.ts';
import { runChecks } from '../run.ts';
import { laboratoryEnvironment, look, type Fault, type GivenLaboratory, type Observed } from './fault.ts';

type ServiceName = 'gateway' | 'auth' | 'user' | 'media' | 'spaces';
type SpacesUnreachable = 'timeout' | 'refused' | 'on-link' | 'forbidden' | { slow: number };

/** What the laboratory needs of a backend that can be broken. */
export interface BreakableBackend {
  ready: { gateway: string; email: string; password: string; patients: { id: string }[]; spaces: { endpoint: string } };
  services: Record<ServiceName, { start(): Promise<void>; stop(): Promise<void> }>;
  faults: {
    set(...faults: { where: { service: ServiceName; path?: string; method?: string }; times?: number | 'always'; effect: Record<string, unknown> & { kind: string } }[]): Promise<unknown>;
    clear(): Promise<unknown>;
    media(fault: { spacesUnreachable: SpacesUnreachable | null }): void;
  };
  close(): Promise<void>;
}
export type StartBackend = (contract: 'sessions' | 'heartguard', options?: { maxFileBytes?: number; photoRequestBytes?: number }) => Promise<BreakableBackend>;

/** A signed-in clinic with its backend and its history. */
export class Clinic {
  readonly backend: BreakableBackend;
  readonly contract: 'upload-sessions' | 'gateway-photo';
  readonly history: DiagnosisHistory;
  readonly #token: string;

  constructor(backend: BreakableBackend, contract: 'upload-sessions' | 'gateway-photo', token: string) {
    this.backend = backend;
    this.contract = contract;
    this.#token = token;
    const database = new BetterSqlite(':memory:');
    for (const step of diagnosisMigrations) database.exec(step);
    this.history = new DiagnosisHistory(database);
  }

  environment(given: Partial<GivenLaboratory> = {}): DiagnosticEnvironment {
    return laboratoryEnvironment({ gateway: this.backend.ready.gateway, spaces: this.backend.ready.spaces.endpoint, contract: this.contract, token: async () => this.#token, ...given });
  }

  look(given: Partial<GivenLaboratory> = {}): Promise<Observed> {
    return look(this.environment(given), this.history.known(Date.now()));
  }

  /** A light check now, remembered, as the monitor does it every minute. */
  async minutePasses(): Promise<void> {
    const { probes } = await runChecks(this.environment(), { scope: 'light' });
    this.history.recordProbes(probes);
  }

  /** Really sends a photo, again after each failure, and tells the history how each try went, as if it had been so long ago. */
  async upload(options: { tries?: number; bytes?: number; giveUpMs?: number; agoMs?: number } = {}): Promise<void> {
    const id = randomUUID();
    const photo = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc((options.bytes ?? 2000) - 4, id)]);
    for (let turn = 1; turn <= (options.tries ?? 1); turn += 1) {
      const startedAt = performance.now();
      const failure = await this.#send(id, photo, options.giveUpMs ?? 30_000).then(() => undefined, (error: unknown) => classify(error));
      const attempt: UploadAttempt = {
        uploadId: id, try: turn, at: Date.now() - (options.agoMs ?? 0), durationMs: performance.now() - startedAt, bytes: photo.length, outcome: failure ? 'failed' : 'ok',
        ...(failure ? { failure } : {}), ...(options.bytes && options.bytes > 1_000_000 ? { oversize: true } : {}),
      };
      this.history.recordAttempt(attempt);
      if (failure?.code === 'connection-reset') this.history.recordDrop(attempt.at);
      if (!failure) return;
    }
  }

  async #send(id: string, photo: Buffer, limitMs: number): Promise<void> {
    const patient = this.backend.ready.patients[0]!.id;
    const md5 = createHash('md5').update(photo).digest('base64');
    const json = { 'content-type': 'application/json' };
    if (this.contract === 'gateway-photo') {
      const boundary = 'laboratory';
      const body = Buffer.concat([Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="photo"; filename="p.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`), photo, Buffer.from(`\r\n--${boundary}--\r\n`)]);
      await this.#call('POST', `/media/patients/${patient}/photo`, { 'content-type': `multipart/form-data; boundary=${boundary}` }, body, limitMs);
      return;
    }
    const created = await this.#call('POST', `/media/patients/${patient}/uploads`, json, Buffer.from(JSON.stringify({
      client_upload_id: id, file_name: 'p.jpg', content_type: 'image/jpeg', size_bytes: photo.length, sha256: createHash('sha256').update(photo).digest('hex'),
    })), limitMs) as { upload: { id: string } };
    const presigned = await this.#call('POST', `/media/uploads/${created.upload.id}/parts`, json, Buffer.from(JSON.stringify({ parts: [{ number: 1, md5 }] })), limitMs) as { parts: { url: string; headers: Record<string, string> }[] };
    const { url, headers } = presigned.parts[0]!;
    const stored = await this.#exchange({ method: 'PUT', url: new URL(url), headers, body: photo, signal: AbortSignal.timeout(limitMs) }, 'spaces');
    const etag = (stored.headers['etag'] ?? '').replaceAll('"', '');
    await this.#call('POST', `/media/uploads/${created.upload.id}/complete`, json, Buffer.from(JSON.stringify({ parts: [{ number: 1, etag }] })), limitMs);
  }

  async #call(method: 'POST', path: string, headers: Record<string, string>, body: Buffer, limitMs: number): Promise<unknown> {
    const answer = await this.#exchange({ method, url: new URL(path, this.backend.ready.gateway), headers: { ...headers, authorization: `Bearer ${this.#token}` }, body, signal: AbortSignal.timeout(limitMs) }, 'gateway');
    return readBackendAnswer(answer).data;
  }

  async #exchange(asked: ExchangeRequest, endpoint: 'gateway' | 'spaces'): Promise<ExchangeAnswer> {
    try {
      const answer = await exchange(probeContext(this.environment(), undefined), asked);
      if (answer.status >= 300) throw answerError({ ...answer, phases: answer.phases }, endpoint);
      return answer;
    } catch (error) {
      if (!(error instanceof ConnectFailure)) throw error;
      const reason = error.finding === 'refused' ? 'refused' : error.finding === 'timeout' ? 'stalled' : 'reset';
      throw new HttpError({ reason, endpoint, requestSent: true, ...(error.errno ? { errno: error.errno } : {}) });
    }
  }
}

/** What a page in a window would meet: the browser's own rule for answers of another origin (Fetch, "CORS check"), on a real request. */
const pageOfTheApp: ChromiumFetch = {
  get: async (url) => ({ name: 'answer', status: (await fetch(url)).status }),
  getFromRenderer: async (url) => {
    const answer = await fetch(url, { headers: { origin: 'app://relevo' } });
    const allowed = answer.headers.get('access-control-allow-origin');
    return allowed === '*' || allowed === 'app://relevo' ? { name: 'answer', status: answer.status } : { name: 'failed', error: 'ERR_FAILED' };
  },
};

export function backendFaults(start: StartBackend): Fault[] {
  const clinic = async (contract: 'sessions' | 'heartguard', act: (clinic: Clinic) => Promise<Observed>, options?: Parameters<StartBackend>[1]): Promise<Observed> => {
    const backend = await start(contract, options);
    try {
      const { email, password, gateway } = backend.ready;
      const answer = await fetch(new URL('/auth/login/user', gateway), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password }) });
      const { access_token: token } = await answer.json() as { access_token: string };
      return await act(new Clinic(backend, contract === 'sessions' ? 'upload-sessions' : 'gateway-photo', token));
    } finally {
      await backend.close();
    }
  };
  const fault = (name: string, expected: Fault['expected'], act: (clinic: Clinic) => Promise<Observed>, contract: 'sessions' | 'heartguard' = 'sessions', options?: Parameters<StartBackend>[1]): Fault =>
    ({ name: `${name} (${contract})`, expected, observe: () => clinic(contract, act, options) });
  const answering = (service: ServiceName, path: string, effect: Record<string, unknown> & { kind: string }) => async (at: Clinic): Promise<Observed> => {
    await at.backend.faults.set({ where: { service, path }, effect });
    return at.look();
  };
  /** A photo meets the fault; the probes alone would not. */
  const photoMeets = (path: string, effect: Record<string, unknown> & { kind: string }, photos = 1) => async (at: Clinic): Promise<Observed> => {
    await at.backend.faults.set({ where: { service: 'media', path, method: 'POST' }, effect });
    for (let index = 0; index < photos; index += 1) await at.upload();
    return at.look();
  };
  const readyz = (...checks: object[]) => answering('media', '/media/readyz', {
    kind: 'status', status: 503, body: { status: 'error', message: 'no', data: { checks: [{ name: 'spaces', ok: true, latency_ms: 3 }, ...checks] }, error: { code: 'not_ready' }, trace_id: 't' },
  });
  const mediaCutOff = (spacesUnreachable: SpacesUnreachable, photo: boolean) => async (at: Clinic): Promise<Observed> => {
    at.backend.faults.media({ spacesUnreachable });
    if (photo) await at.upload();
    return at.look();
  };
  const page = (status: number): { kind: string; status: number } => ({ kind: 'html', status });

  return [
    fault('everything works', 'HEALTHY', async (at) => { await at.upload(); return at.look(); }),
    fault('everything works', 'HEALTHY', async (at) => { await at.upload(); return at.look(); }, 'heartguard'),
    fault('gateway stopped', 'GATEWAY_DOWN', async (at) => { await at.backend.services.gateway.stop(); return at.look(); }),
    fault('media stopped', 'MEDIA_DOWN', async (at) => { await at.backend.services.media.stop(); return at.look(); }),
    fault('media hangs', 'MEDIA_DOWN', answering('media', '/media/**', { kind: 'hang' })),
    fault('Spaces stopped', 'SPACES_DOWN', async (at) => { await at.minutePasses(); await at.backend.services.spaces.stop(); return at.look(); }),
    fault('Spaces stopped, a photo failed', 'SPACES_DOWN', async (at) => { await at.minutePasses(); await at.backend.services.spaces.stop(); await at.upload(); return at.look(); }, 'heartguard'),
    fault('Spaces refuse the server’s credentials', 'MEDIA_CREDENTIALS', mediaCutOff('forbidden', false)),
    fault('readyz: on-link route, EHOSTUNREACH', 'MEDIA_SPACES_ROUTE', mediaCutOff('on-link', false)),
    fault('readyz: Spaces time out', 'MEDIA_SPACES_UNREACHABLE', mediaCutOff('timeout', false)),
    fault('readyz: Spaces refuse connections', 'MEDIA_SPACES_UNREACHABLE', mediaCutOff('refused', false)),
    fault('the seed’s 504: on-link route, a photo failed', 'MEDIA_SPACES_UNREACHABLE', mediaCutOff('on-link', true), 'heartguard'),
    fault('the seed’s 504: on-link route, a photo failed', 'MEDIA_SPACES_ROUTE', mediaCutOff('on-link', true)),
    fault('readyz itself is answered 504', 'MEDIA_SPACES_UNREACHABLE', answering('media', '/media/readyz', { kind: 'delay', ms: 7000 })),
    fault('readyz is not there (404)', 'HEALTHY', answering('media', '/media/readyz', { kind: 'status', status: 404 })),
    fault('readyz: database', 'DEPENDENCY_DEGRADED', readyz({ name: 'database', ok: false, errno: 'ECONNREFUSED' })),
    fault('readyz: cache', 'DEPENDENCY_DEGRADED', readyz({ name: 'cache', ok: false, errno: 111 })),
    fault('readyz: queue', 'DEPENDENCY_DEGRADED', readyz({ name: 'queue', ok: false })),
    fault('readyz: no space left', 'SERVER_DISK_FULL', readyz({ name: 'disk', ok: false, errno: 28 })),
    fault('readyz answers nonsense', 'INCONCLUSIVE', answering('media', '/media/readyz', { kind: 'malformed-json' })),
    fault('the session is over (401)', 'AUTH_EXPIRED', (at) => at.look({ token: async () => 'over' })),
    fault('403 to a photo', 'AUTH_FORBIDDEN', photoMeets('/media/**', { kind: 'status', status: 403 })),
    fault('403 to a photo', 'AUTH_FORBIDDEN', photoMeets('/media/**', { kind: 'status', status: 403 }), 'heartguard'),
    fault('404 of the proxy', 'ROUTE_MISSING', answering('gateway', '/media/**', { kind: 'status', status: 404, body: '404 page not found' })),
    fault('413 to a photo', 'PAYLOAD_TOO_LARGE', async (at) => { await at.upload({ bytes: 3_000_000 }); return at.look(); }, 'sessions', { maxFileBytes: 1_000_000 }),
    fault('401 to an oversize photo', 'PAYLOAD_TOO_LARGE', async (at) => { await at.upload({ bytes: 3_000_000 }); return at.look(); }, 'heartguard', { photoRequestBytes: 1_000_000 }),
    fault('429', 'RATE_LIMITED', answering('gateway', '/media/**', { kind: 'rate-limited', retryAfter: 17 })),
    fault('502 of the proxy', 'NO_HEALTHY_BACKEND', answering('gateway', '/**', page(502))),
    fault('503 of the proxy', 'NO_HEALTHY_BACKEND', answering('gateway', '/media/**', page(503))),
    fault('503 with a breaker header', 'CIRCUIT_OPEN', answering('gateway', '/media/**', { kind: 'status', status: 503, headers: { 'x-circuit': 'open', 'retry-after': '9' } })),
    fault('503 of media, no breaker header', 'MEDIA_DOWN', answering('media', '/media/health', { kind: 'status', status: 503 })),
    fault('507 to a photo', 'SERVER_DISK_FULL', photoMeets('/media/**', { kind: 'status', status: 507 })),
    fault('first tries fail, second ones work', 'UPLOAD_FIRST_TRY_FLAKY', async (at) => {
      for (let index = 0; index < 12; index += 1) {
        if (index % 2 === 0) await at.backend.faults.set({ where: { service: 'media', path: '/media/**', method: 'POST' }, times: 1, effect: { kind: 'status', status: 500 } });
        await at.upload({ tries: 2, agoMs: (12 - index) * 60_000 });
      }
      return at.look();
    }, 'heartguard'),
    fault('the same 500 three times', 'SERVER_BUG', photoMeets('/media/**', { kind: 'status', status: 500 }, 3)),
    fault('connections are dropped again and again', 'RECONNECT_LOOP', async (at) => {
      await at.backend.faults.set({ where: { service: 'gateway', path: '/media/**', method: 'POST' }, times: 4, effect: { kind: 'reset-before-body' } });
      for (const minutes of [8, 6, 4, 2]) await at.upload({ agoMs: minutes * 60_000 });
      await at.upload();
      return at.look();
    }),
    fault('connections are dropped once, those of all photos in flight', 'HEALTHY', async (at) => {
      await at.backend.faults.set({ where: { service: 'gateway', path: '/media/**', method: 'POST' }, times: 5, effect: { kind: 'reset-before-body' } });
      await Promise.all([1, 2, 3, 4, 5].map(() => at.upload()));
      await at.upload();
      return at.look();
    }),
    fault('we stop waiting before the server does', 'TIMEOUT_BUDGET', async (at) => {
      await at.backend.faults.set({ where: { service: 'media', path: '/media/**', method: 'POST' }, effect: { kind: 'hang' } });
      await at.upload({ giveUpMs: 700 });
      return at.look();
    }),
    { alone: true, ...fault('one phase has become slow', 'SLOW_PATH', async (at) => {
      for (let minute = 0; minute < 12; minute += 1) await at.minutePasses();
      await at.backend.faults.set({ where: { service: 'gateway', path: '/**' }, effect: { kind: 'delay', ms: 600 } });
      for (let minute = 0; minute < 8; minute += 1) await at.minutePasses();
      return at.look();
    }) },
    fault('only the gateway’s Date is an hour away, Spaces’ is ours', 'HEALTHY', answering('gateway', '/**', { kind: 'headers', headers: { date: new Date(Date.now() + 3_600_000).toUTCString() } })),
    fault('the gateway does not know the app’s origin', 'CORS_MISCONFIG', (at) => at.look({ chromium: pageOfTheApp })),
    fault('this network does not reach Spaces, photos arrive', 'SPACES_UNREACHABLE_FROM_CLIENT', async (at) => {
      await at.upload();
      return at.look({ spaces: 'http://127.0.0.1:9' });
    }, 'heartguard'),
  ];
}
