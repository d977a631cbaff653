/** @file A gateway in memory behind the `Http` port, for this folder's tests: what it answers can be changed while it runs. */
import { defaultSettings, type Settings } from '../../shared/domain/settings.ts';
import type { Clock } from '../clock.ts';
import { silentLogger } from '../logging/logger.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import { systemRandom } from '../random.ts';
import { HttpError, type Http, type HttpRequest } from '../transport/http.ts';
import { createAccount, type Account } from './account.ts';

type Answer = { status: number; body: unknown; headers?: Record<string, string> } | 'offline';

export interface TestGateway {
  http: Http;
  clock: Clock & { advance(ms: number): void };
  store: KeyValueStore & { entries: Map<string, string> };
  /** "METHOD /path" of every request, in order. */
  requests: string[];
  /** Replaces what a path answers; undefined takes the replacement away. */
  answer(path: string, answer: Answer | undefined): void;
  /** How far ahead the server's clock is. */
  serverAheadMs: number;
  /** No token issued so far is taken any more; those that come after are. */
  revokeTokens(): void;
  refreshTokenEnded: boolean;
  /** What the sign-in service takes. */
  password: string;
  settings: Settings;
  account: Account;
  /** The same computer after a restart. */
  restart(options?: { queuedPatients?: Iterable<string> }): Account;
}

const tokenLifeMs = 15 * 60_000;
const success = (data: unknown): Answer => ({ status: 200, body: { status: 'success', message: '', data, error: null, trace_id: 't' } });
const fail = (status: number, code: string): Answer => ({ status, body: { status: 'fail', message: '', data: null, error: { code }, trace_id: 't' } });
export const html = (status: number): Answer => ({ status, body: '<html>Bienvenido</html>' });

export const capabilities = success({
  uploads: { version: 1, max_file_bytes: 200_000_000, accepted_types: ['image/jpeg'], part_bytes: 8_388_608, max_parts_in_flight: 64, session_ttl_s: 86_400 },
});

export function createTestGateway(): TestGateway {
  let now = Date.UTC(2026, 10, 22, 8);
  let issued = 0;
  const valid = new Set<string>();
  const replaced = new Map<string, Answer>();
  const entries = new Map<string, string>();

  function issue(): string {
    issued += 1;
    const claims = { sub: 'u-1', n: issued, exp: Math.floor((now + gateway.serverAheadMs + tokenLifeMs) / 1000) };
    const token = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
    valid.add(token);
    return token;
  }

  function answerTo(request: HttpRequest, path: string): Answer {
    const body = request.body ? JSON.parse(Buffer.concat(request.body).toString()) as Record<string, string> : {};
    const given = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const replacement = replaced.get(path);
    if (replacement) return replacement;
    switch (path) {
      case '/auth/login/user':
        return body.password === gateway.password
          ? { status: 200, body: { access_token: issue(), refresh_token: 'refresh-1', account_type: 'user', user: { id: 'u-1', email: 'ana@clinic.example', name: 'Ana', org_count: 2 } } }
          : { status: 401, body: { error: 'unauthorized', message: '' } };
      case '/auth/refresh':
        return gateway.refreshTokenEnded ? { status: 401, body: { error: 'unauthorized', message: '' } } : { status: 200, body: { access_token: issue() } };
      case '/auth/verify':
        return valid.has(given) ? { status: 200, body: { payload: {} } } : { status: 401, body: { error: 'unauthorized', message: '' } };
      default:
    }
    if (!valid.has(given)) return { status: 401, body: { error: 'unauthorized', message: '' } };
    switch (path) {
      case '/media/capabilities': return { status: 404, body: { error: 'not_found', message: '' } };
      case '/user/users/me/org-memberships':
        return success({ memberships: [{ org_id: 'o-1', org_code: 'N', org_name: 'Norte', role_code: 'x' }, { org_id: 'o-2', org_code: 'S', org_name: 'Sur', role_code: 'x' }] });
      case '/user/orgs/o-1/care-team-patients':
        return success({ organization: {}, care_teams: [{ id: 1, name: 'Heridas', members: [], patients: [{ id: 'p-1', name: 'José Álvarez' }, { id: 'p-2', name: 'María Ñandú' }] }, { id: 2, name: 'Piel', patients: [{ id: 'p-1', name: 'José Álvarez' }] }] });
      case '/user/orgs/o-2/care-team-patients':
        return success({ organization: {}, care_teams: [{ id: 3, name: 'Curas', patients: [{ id: 'p-3', name: 'Bea Joven' }] }] });
      case '/user/caregiver/patients': return success({ patients: [{ id: 'p-4', name: 'Luis Mar' }, { id: 'p-1', name: 'José Álvarez' }] });
      default: return fail(404, 'not_found');
    }
  }

  const gateway: TestGateway = {
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: (ms) => { now += ms; return Promise.resolve(); },
      advance: (ms) => { now += ms; },
    },
    store: {
      entries,
      get: (key) => entries.get(key),
      set: (key, json) => { entries.set(key, json); },
      delete: (key) => { entries.delete(key); },
    },
    http: {
      async send(request) {
        const path = new URL(request.url).pathname;
        gateway.requests.push(`${request.method} ${path}`);
        // Callers at the same time must be able to meet.
        await new Promise((resolve) => { setImmediate(resolve); });
        const answer = answerTo(request, path);
        if (answer === 'offline') throw new HttpError({ reason: 'unreachable', endpoint: 'gateway', requestSent: false });
        return {
          status: answer.status,
          headers: { date: new Date(now + gateway.serverAheadMs).toUTCString(), ...answer.headers },
          body: Buffer.from(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)),
          phases: { total: 1 },
        };
      },
      forgetConnections() {},
      close() {},
    },
    requests: [],
    answer(path, answer) { if (answer) replaced.set(path, answer); else replaced.delete(path); },
    serverAheadMs: 0,
    revokeTokens() { valid.clear(); },
    refreshTokenEnded: false,
    password: 'right',
    settings: { ...defaultSettings, gateway: 'https://gw.example' },
    account: undefined as unknown as Account,
    restart({ queuedPatients = [] } = {}) {
      gateway.account = createAccount({
        http: gateway.http, store: gateway.store, clock: gateway.clock, random: systemRandom, log: silentLogger,
        settings: () => gateway.settings,
        hasQueuedPhotos: (id) => [...queuedPatients].includes(id),
      });
      gateway.account.restore();
      return gateway.account;
    },
  };
  gateway.restart();
  return gateway;
}
