import type { z } from 'zod';
import { tokenEndsAt } from '../engine/account/access-token.ts';
import type { loginAnswer } from '../engine/account/account.ts';
import type { PatientList } from '../engine/account/patient-answers.ts';
import type { Session } from '../engine/account/session.ts';
import { createTokenKeeper } from '../engine/account/token-keeper.ts';
import type { Clock } from '../engine/clock.ts';
import { silentLogger } from '../engine/logging/logger.ts';
import { systemRandom } from '../engine/random.ts';
import type { GatewayClient, TokenSource } from '../engine/transport/gateway-client.ts';
import { createGatewayClient } from '../engine/transport/gateway-json.ts';
import { callDeadlines, type Http, type HttpRequest } from '../engine/transport/http.ts';
import { NotRun } from './check.ts';
import type { Answer } from './expectations.ts';
import type { PhotoBench } from './photo-bench.ts';
import { jsonOf, Recorder } from './recorder.ts';
import { Withheld } from './withheld.ts';

export interface StageOptions {
  /** Without a slash at its end. */
  gateway: string;
  email: string;
  password: string;
  http: Http;
  clock: Clock;
}

export interface Ask {
  method: HttpRequest['method'];
  path: string;
  /** Absent: none is sent. */
  token?: string;
  json?: unknown;
  form?: { headers: Record<string, string>; body: readonly Uint8Array[] };
  deadlines?: HttpRequest['deadlines'];
}

/** The backend that is asked, and what the checks have learnt of it so far. */
export class Stage {
  readonly gateway: string;
  readonly email: string;
  readonly password: string;
  readonly clock: Clock;
  readonly http: Recorder;
  readonly withheld = new Withheld();
  /** Those of the account. */
  organisations: string[] = [];
  /** Whom the product finds. */
  list: PatientList | undefined;
  /** The patient whose photo may be replaced. */
  bench: PhotoBench | undefined;
  #session: Session | undefined;
  #client: { tokens: TokenSource; calls: GatewayClient } | undefined;

  constructor({ gateway, email, password, http, clock }: StageOptions) {
    this.gateway = gateway;
    this.email = email;
    this.password = password;
    this.clock = clock;
    this.http = new Recorder(http, gateway, this.withheld);
    for (const secret of [email, password]) this.withheld.learn(secret);
  }

  /** One request as it is, with no retry and no reading of what comes back. @throws HttpError */
  async ask({ method, path, token, json, form, deadlines = callDeadlines }: Ask): Promise<Answer> {
    const traceId = systemRandom.uuid();
    const http = await this.http.send({
      method, url: this.gateway + path, endpoint: 'gateway', deadlines,
      headers: {
        'accept': 'application/json', 'x-trace-id': traceId,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...form?.headers,
      },
      ...(json === undefined ? {} : { body: [new TextEncoder().encode(JSON.stringify(json))] }),
      ...(form ? { body: form.body } : {}),
    });
    return { http, json: jsonOf(http.body), traceId, word: (text) => this.withheld.word(text) };
  }

  /** GET with the account's token. @throws NotRun, and what `ask` and the renewal of a token throw */
  async get(path: string): Promise<Answer> {
    return this.ask({ method: 'GET', path, token: await this.token() });
  }

  signedIn({ access_token, refresh_token, user }: z.infer<typeof loginAnswer>): void {
    this.#session = {
      gateway: this.gateway, person: { id: user.id, name: user.name ?? '', email: user.email ?? this.email },
      accessToken: access_token, refreshToken: refresh_token, expired: false,
    };
  }

  /** @throws NotRun where nobody could sign in */
  mustBeSignedIn(): Session {
    if (!this.#session) throw new NotRun('no-sign-in');
    return this.#session;
  }

  token(): Promise<string> {
    return this.product.tokens.accessToken();
  }

  /** The product's own client, which renews the account's token. @throws NotRun where nobody could sign in */
  get product(): { tokens: TokenSource; calls: GatewayClient } {
    this.mustBeSignedIn();
    this.#client ??= this.#makeClient();
    return this.#client;
  }

  #makeClient(): { tokens: TokenSource; calls: GatewayClient } {
    const parts = { gatewayUrl: this.gateway, http: this.http, clock: this.clock, random: systemRandom, log: silentLogger };
    const none: TokenSource = { accessToken: () => Promise.reject(new NotRun('no-sign-in')), rejected: async () => 'still-valid' };
    const plain = createGatewayClient({ ...parts, tokens: none });
    const tokens = createTokenKeeper({
      session: () => this.#session,
      update: (_before, after) => { this.#session = after; },
      plainClient: () => plain,
      clientWith: (token) => createGatewayClient({ ...parts, tokens: { accessToken: async () => token, rejected: async () => 'expired' } }),
      clock: this.clock, log: silentLogger,
    });
    return { tokens, calls: createGatewayClient({ ...parts, tokens }) };
  }
}

/** How long a token lives, in seconds, by its own word. Undefined where it does not say. */
export function lifetimeS(token: string): number | undefined {
  const endsAt = tokenEndsAt(token);
  const claims = jsonOf(Buffer.from(token.split('.')[1] ?? '', 'base64url'));
  const iat = typeof claims === 'object' && claims !== null && 'iat' in claims && typeof claims.iat === 'number' ? claims.iat : undefined;
  return endsAt === undefined || iat === undefined ? undefined : Math.round(endsAt / 1000 - iat);
}
