import { z } from 'zod';
import { normalGateway } from '../../shared/domain/gateway.ts';
import type { AccountState, Limits, NegotiationState, Person } from '../../shared/domain/account.ts';
import type { Settings } from '../../shared/domain/settings.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import type { Random } from '../random.ts';
import { AnswerError } from '../transport/answer-error.ts';
import type { GatewayClient, TokenSource } from '../transport/gateway-client.ts';
import { createGatewayClient } from '../transport/gateway-json.ts';
import type { Http } from '../transport/http.ts';
import { toCallError } from './call-failed.ts';
import { createNegotiation } from './negotiation.ts';
import { ownerKey } from './owner.ts';
import { idSchema } from './patient-answers.ts';
import type { People } from './people.ts';
import { createPatients, type Patients } from './patients.ts';
import { readSession, writeSession, type Session } from './session.ts';
import { createTokenKeeper } from './token-keeper.ts';

export const loginAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  user: z.object({ id: idSchema, email: z.string().nullish(), name: z.string().nullish() }),
});

export interface AccountOptions {
  http: Http;
  store: KeyValueStore;
  clock: Clock;
  random: Random;
  log: Logger;
  settings(): Settings;
  /** Whether a patient who is gone from the backend's list must stay in ours. */
  hasQueuedPhotos?(patientId: string): boolean;
  people?: Pick<People, 'signedIn' | 'known'>;
  /** Somebody else is about to take the place of whoever was signed in: ends everything that is being sent in their name. */
  onLeaving?(): Promise<void>;
}

/**
 * Who is signed in, at which gateway, with which patients, and what that gateway accepts. Everything but signing in works
 * without a network, from what was last known.
 */
export interface Account {
  state(): AccountState;
  /** @returns a function that stops listening. */
  subscribe(listener: (state: AccountState) => void): () => void;
  /** @throws CallError `no-gateway`, `wrong-credentials`, `network`, `server` */
  signIn(email: string, password: string): Promise<AccountState>;
  /** The same for whoever is signed in, or was until the session expired, with the password alone. @throws as `signIn`; `not-signed-in` */
  signInAgain(password: string): Promise<void>;
  /** Forgets the tokens. The queue stays, sealed, for its owner. */
  signOut(): AccountState;
  /**
   * Takes up what the last run left, at once and without the network; then asks the gateway what it accepts, in the background.
   * Also to be called when the gateway in the settings has changed: a session of another gateway does not count.
   */
  restore(): AccountState;
  /** Whose photos are sent and shown, see [Note: an id at a gateway]; stays when the session has expired. */
  ownerId(): string | undefined;
  /** The gateway in force. */
  gateway(): string | undefined;
  /** Where the backend in force is, and where it was before. See [Note: a backend that moves]. */
  addresses(): readonly string[];
  limits(): Limits | undefined;
  /** Asks the gateway again what it accepts. Gives the last known answer where it cannot be had. */
  negotiate(): Promise<Limits | undefined>;
  /** Of the gateway in force. */
  negotiation(): NegotiationState;
  /** Own keys came or went: whoever listens is told what is accepted now. */
  limitsChanged(): void;
  /** Calls to the gateway in force, with this account's tokens. @throws CallError `no-gateway` */
  client(): GatewayClient;
  readonly tokens: TokenSource;
  readonly patients: Patients;
}

export function createAccount(options: AccountOptions): Account {
  const { http, store, clock, random, log } = options;
  const listeners = new Set<(state: AccountState) => void>();
  const clients = new Map<string, { plain: GatewayClient; own: GatewayClient }>();
  const negotiation = createNegotiation({ store, clock, log });
  let session: Session | undefined;
  let told = '';
  /** One after the other: of two who sign in at the same time, the second must find what the first has begun. */
  let placing: Promise<unknown> = Promise.resolve();

  const noTokens: TokenSource = {
    accessToken: () => Promise.reject(new Error('a call without a token asked for one')),
    rejected: () => Promise.resolve('still-valid'),
  };

  function makeClient(gatewayUrl: string, tokens: TokenSource): GatewayClient {
    return createGatewayClient({ gatewayUrl, http, tokens, clock, random, log });
  }

  function gateway(): string | undefined {
    const { gateway: written } = options.settings();
    return written === undefined ? undefined : normalGateway(written);
  }

  function addresses(): string[] {
    const url = gateway();
    if (url === undefined) return [];
    return [url, ...(options.settings().formerGateways[url] ?? []).map((former) => (former === 'unknown' ? '' : former))];
  }

  function clientsOf(): { plain: GatewayClient; own: GatewayClient } {
    const url = gateway();
    if (url === undefined) throw new CallError('no-gateway');
    let made = clients.get(url);
    if (!made) {
      made = { plain: makeClient(url, noTokens), own: makeClient(url, tokens) };
      clients.set(url, made);
    }
    return made;
  }

  /** A token is never shown to a gateway that did not issue it. */
  function present(): Session | undefined {
    return session && session.gateway === gateway() ? session : undefined;
  }

  function commit(next: Session | undefined): void {
    session = next;
    writeSession(store, next);
    if (next) options.people?.known(next.gateway, next.person);
    announce();
  }

  /** What is under way must not go on with another person's tokens: it ends while nobody is signed in, and only then the next one is. */
  function takePlace(incoming: Session): Promise<void> {
    const turn = placing.then(() => takePlaceNow(incoming));
    placing = turn.catch(() => undefined);
    return turn;
  }

  async function takePlaceNow(next: Session): Promise<void> {
    if (!isSamePerson(session, next)) {
      session = undefined;
      await options.onLeaving?.();
    }
    options.people?.signedIn(next.gateway, next.person);
    commit(next);
  }

  function state(): AccountState {
    const url = gateway();
    const current = present();
    if (!current) return { name: 'signedOut', ...(url === undefined ? {} : { gateway: url }) };
    const limits = negotiation.limits(current.gateway);
    return { name: current.expired ? 'expired' : 'signedIn', gateway: current.gateway, person: current.person, ...(limits ? { limits } : {}) };
  }

  function announce(): void {
    const now = state();
    const text = JSON.stringify(now);
    if (text === told) return;
    told = text;
    for (const listener of listeners) listener(now);
  }

  const tokens = createTokenKeeper({
    session: present,
    update: (before, after) => {
      if (session?.refreshToken === before.refreshToken && session.gateway === before.gateway) commit(after);
    },
    plainClient: () => clientsOf().plain,
    clientWith: (token) => makeClient(clientsUrl(), { accessToken: () => Promise.resolve(token), rejected: () => Promise.resolve('expired') }),
    clock,
    log,
  });

  function clientsUrl(): string {
    const url = gateway();
    if (url === undefined) throw new CallError('no-gateway');
    return url;
  }

  const patients = createPatients({
    owner: () => {
      const current = present();
      return current && { key: `patients:${current.gateway}:${current.person.id}`, client: clientsOf().own };
    },
    store, clock, log,
    hasQueuedPhotos: (id) => options.hasQueuedPhotos?.(id) ?? false,
    onOrganisations: (names) => {
      const current = present();
      const organisation = names.join(', ').slice(0, 500) || undefined;
      if (current && current.person.organisation !== organisation) commit({ ...current, person: { ...current.person, organisation } });
    },
  });

  async function negotiate(): Promise<Limits | undefined> {
    const current = present();
    if (!current) return undefined;
    const limits = await negotiation.ask(current.gateway, clientsOf().own);
    announce();
    return limits;
  }

  async function login(email: string, password: string): Promise<Session> {
    const url = clientsUrl();
    try {
      const answer = await clientsOf().plain.call({
        method: 'POST', path: '/auth/login/user', body: { email, password }, answer: loginAnswer, auth: 'none', idempotent: false,
      });
      const person: Person = {
        id: answer.user.id,
        name: (answer.user.name?.trim() || answer.user.email || email).slice(0, 500),
        email: (answer.user.email ?? email).slice(0, 500),
      };
      return { gateway: url, person, accessToken: answer.access_token, refreshToken: answer.refresh_token, expired: false };
    } catch (error) {
      if (error instanceof AnswerError && [400, 401, 403, 422].includes(error.status) && error.code !== 'malformed') throw new CallError('wrong-credentials');
      throw toCallError(error);
    }
  }

  return {
    state,
    tokens,
    patients,
    negotiate,
    subscribe(listener) {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
    async signIn(email, password) {
      await takePlace(await login(email.trim(), password));
      log.info('account.signed-in');
      // Nothing can be added before the limits are known, so signing in includes asking for them.
      await negotiate();
      return state();
    },
    async signInAgain(password) {
      const current = present();
      if (!current) throw new CallError('not-signed-in');
      const next = await login(current.person.email, password);
      // Whoever signed out meanwhile, or somebody else's account behind the same address.
      if (present() !== current && !isSamePerson(present(), current)) throw new CallError('not-signed-in');
      if (!isSamePerson(current, next)) throw new CallError('wrong-credentials');
      commit({ ...next, person: { ...current.person, name: next.person.name, email: next.person.email } });
    },
    signOut() {
      if (session) log.info('account.signed-out');
      commit(undefined);
      return state();
    },
    restore() {
      session ??= readSession(store);
      const found = present();
      if (found) options.people?.known(found.gateway, found.person);
      announce();
      if (present() && !present()?.expired) void negotiate().catch((error: unknown) => log.error('account.negotiation', { errorName: error instanceof Error ? error.name : typeof error }));
      return state();
    },
    ownerId: () => { const current = present(); return current && ownerKey({ gateway: current.gateway, personId: current.person.id }); },
    gateway,
    addresses,
    limits: () => { const current = present(); return current && negotiation.limits(current.gateway); },
    negotiation: () => { const url = gateway(); return url === undefined ? {} : negotiation.state(url); },
    limitsChanged: announce,
    client: () => clientsOf().own,
  };
}

function isSamePerson(one: Session | undefined, other: Session): boolean {
  return one?.gateway === other.gateway && one.person.id === other.person.id;
}
