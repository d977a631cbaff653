import { beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../logging/logger.ts';
import { systemRandom } from '../random.ts';
import { SessionExpired } from '../transport/gateway-client.ts';
import { HttpError } from '../transport/http.ts';
import { createAccount } from './account.ts';
import { ownerKey } from './owner.ts';
import { capabilities, createTestGateway, html, type TestGateway } from './testing-gateway.ts';

let gateway: TestGateway;
beforeEach(() => { gateway = createTestGateway(); });
const count = (request: string): number => gateway.requests.filter((made) => made === request).length;
const ana = ownerKey({ gateway: 'https://gw.example', personId: 'u-1' });
const signIn = () => gateway.account.signIn('ana@clinic.example', 'right');

describe('signing in', () => {
  test('tells who it is, where, and what the gateway accepts', async () => {
    const told: string[] = [];
    gateway.account.subscribe((state) => told.push(state.name));
    expect(await signIn()).toMatchObject({ name: 'signedIn', gateway: 'https://gw.example', person: { id: 'u-1', name: 'Ana' }, limits: { contract: 'gateway-photo' } });
    expect(gateway.account.ownerId()).toBe(ana);
    expect(new Set(told)).toEqual(new Set(['signedIn']));
  });

  test.each([
    ['wrong password', 'wrong', () => undefined, 'wrong-credentials'],
    ['no network', 'right', () => gateway.answer('/auth/login/user', 'offline'), 'network'],
    ['a broken server', 'right', () => gateway.answer('/auth/login/user', { status: 500, body: { error: 'x' } }), 'server'],
    ['a login page of the network', 'right', () => gateway.answer('/auth/login/user', html(401)), 'server'],
    ['no gateway set', 'right', () => { gateway.settings = { ...gateway.settings, gateway: undefined }; }, 'no-gateway'],
  ])('%s is told as what it is', async (_name, password, prepare, code) => {
    prepare();
    await expect(gateway.account.signIn('a@b', password)).rejects.toMatchObject({ name: 'CallError', code });
    expect(gateway.account.state().name).toBe('signedOut');
  });

  test('tokens are told apart by whose they are, and are the same person’s after a refresh or another sign-in', async () => {
    const { tokens } = gateway.account;
    expect(tokens.owner?.()).toBeUndefined();
    await signIn();
    const ofAna = tokens.owner?.();
    expect(ofAna).toContain('u-1');
    gateway.clock.advance(20 * 60_000);
    await tokens.accessToken();
    gateway.account.signOut();
    expect(tokens.owner?.()).toBeUndefined();
    await signIn();
    expect(tokens.owner?.()).toBe(ofAna);
    gateway.answer('/auth/login/user', { status: 200, body: { access_token: 'eyJ.e30.x', refresh_token: 'x', user: { id: 'u-2', email: 'b@b', name: 'Berta' } } });
    await gateway.account.signIn('b@b', 'right');
    expect(tokens.owner?.()).not.toBe(ofAna);
  });

  test('of two people at the same time: what began in the name of one has ended before the other is signed in', async () => {
    const turn = () => new Promise((resolve) => { setImmediate(resolve); });
    const underWay = new Set<string>();
    let goes = (): void => undefined;
    const hasGone = new Promise<void>((resolve) => { goes = resolve; });
    let mayGo: Promise<void> = Promise.resolve();
    const account = createAccount({
      ...gateway, random: systemRandom, log: silentLogger, settings: () => gateway.settings,
      onLeaving: async () => {
        const ending = [...underWay];
        await mayGo;
        for (const id of ending) underWay.delete(id);
      },
    });
    account.subscribe((state) => { if (state.name === 'signedIn') underWay.add(state.person.id); });
    const signInAs = (id: string): Promise<unknown> => {
      gateway.answer('/auth/login/user', { status: 200, body: { access_token: `eyJ.e30.${id}`, refresh_token: id, user: { id, email: `${id}@b`, name: id } } });
      return account.signIn(`${id}@b`, 'right');
    };
    await signInAs('u-1');
    mayGo = hasGone;
    const second = signInAs('u-2');
    for (let turns = 0; turns < 5; turns += 1) await turn();
    const third = signInAs('u-3');
    for (let turns = 0; turns < 5; turns += 1) await turn();
    goes();
    await Promise.all([second, third]);
    expect([...underWay]).toEqual(['u-3']);
    expect(account.ownerId()).toBe(ownerKey({ gateway: 'https://gw.example', personId: 'u-3' }));
  });

  test('is tried once: a password must not be sent again and again', async () => {
    gateway.answer('/auth/login/user', { status: 503, body: { error: 'x' } });
    await expect(signIn()).rejects.toMatchObject({ code: 'server' });
    expect(count('POST /auth/login/user')).toBe(1);
  });
});

describe('the session', () => {
  test('is there after a restart without a network, and no state tells a token', async () => {
    const { person } = await signIn() as { person: object };
    for (const path of ['/media/capabilities', '/auth/refresh']) gateway.answer(path, 'offline');
    const account = gateway.restart();
    expect(account.state()).toMatchObject({ name: 'signedIn', person, limits: { contract: 'gateway-photo' } });
    expect(JSON.stringify(account.state())).not.toContain('eyJ');
    expect(JSON.stringify(account.state())).not.toContain('refresh-1');
  });

  test('is not shown to another gateway', async () => {
    await signIn();
    gateway.settings = { ...gateway.settings, gateway: 'https://elsewhere.example' };
    gateway.account.restore();
    expect(gateway.account.state()).toEqual({ name: 'signedOut', gateway: 'https://elsewhere.example' });
    await expect(gateway.account.tokens.accessToken()).rejects.toThrow(SessionExpired);
    gateway.settings = { ...gateway.settings, gateway: 'https://gw.example:8443/' };
    expect(gateway.account.state().name).toBe('signedOut');
    gateway.settings = { ...gateway.settings, gateway: 'https://GW.example:443/' };
    expect(gateway.account.state()).toMatchObject({ name: 'signedIn', gateway: 'https://gw.example', limits: { contract: 'gateway-photo' } });
  });

  test('is forgotten when signing out, tokens and all', async () => {
    await signIn();
    expect(gateway.account.signOut()).toEqual({ name: 'signedOut', gateway: 'https://gw.example' });
    expect([...gateway.store.entries.values()].join('')).not.toMatch(/eyJ|refresh-1/);
    expect(gateway.restart().state().name).toBe('signedOut');
  });

  test('damaged on the disk counts as none', async () => {
    await signIn();
    gateway.store.set('account.session', '{"gateway":');
    expect(gateway.restart().state().name).toBe('signedOut');
  });
});

describe('access tokens', () => {
  test('are used until a minute before their end, then renewed once for all who ask', async () => {
    await signIn();
    const first = await gateway.account.tokens.accessToken();
    gateway.clock.advance(13 * 60_000);
    expect(await gateway.account.tokens.accessToken()).toBe(first);
    gateway.clock.advance(70_000);
    const tokens = await Promise.all(Array.from({ length: 10 }, () => gateway.account.tokens.accessToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(first);
    expect(count('POST /auth/refresh')).toBe(1);
  });

  test.each([-3, 3])('are renewed at the right time on a computer whose clock is %i hours off', async (hours) => {
    gateway.serverAheadMs = hours * 3_600_000;
    await signIn();
    await gateway.account.tokens.accessToken();
    expect(count('POST /auth/refresh')).toBe(0);
    gateway.clock.advance(14.5 * 60_000);
    await gateway.account.tokens.accessToken();
    expect(count('POST /auth/refresh')).toBe(1);
  });

  test('go on being used to their end when renewing fails for the network', async () => {
    await signIn();
    const first = await gateway.account.tokens.accessToken();
    gateway.answer('/auth/refresh', 'offline');
    gateway.clock.advance(14.2 * 60_000);
    expect(await gateway.account.tokens.accessToken()).toBe(first);
    gateway.clock.advance(60_000);
    await expect(gateway.account.tokens.accessToken()).rejects.toThrow(HttpError);
    expect(gateway.account.state().name).toBe('signedIn');
  });

  test('that cannot be renewed any more end the session, and its owner stays known', async () => {
    await signIn();
    gateway.refreshTokenEnded = true;
    gateway.clock.advance(15 * 60_000);
    await expect(gateway.account.tokens.accessToken()).rejects.toThrow(SessionExpired);
    expect(gateway.account.state()).toMatchObject({ name: 'expired', person: { id: 'u-1' } });
    expect(gateway.account.ownerId()).toBe(ana);
    expect(gateway.restart().state().name).toBe('expired');
    gateway.refreshTokenEnded = false;
    expect((await signIn()).name).toBe('signedIn');
  });

  test('a login page of the network does not end the session', async () => {
    await signIn();
    gateway.clock.advance(15 * 60_000);
    gateway.answer('/auth/refresh', html(401));
    await expect(gateway.account.tokens.accessToken()).rejects.toMatchObject({ name: 'AnswerError', status: 401 });
    expect(gateway.account.state().name).toBe('signedIn');
  });

  test('a renewal that ends after signing out changes nothing', async () => {
    await signIn();
    gateway.clock.advance(15 * 60_000);
    const renewal = gateway.account.tokens.accessToken();
    gateway.account.signOut();
    await renewal;
    expect(gateway.account.state().name).toBe('signedOut');
    expect([...gateway.store.entries.values()].join('')).not.toContain('eyJ');
  });
});

describe('a 401', () => {
  test('to an upload is not believed while the sign-in service takes the token', async () => {
    await signIn();
    const token = await gateway.account.tokens.accessToken();
    expect(await gateway.account.tokens.rejected(token)).toBe('still-valid');
    expect(gateway.account.state().name).toBe('signedIn');
    expect(count('POST /auth/refresh')).toBe(0);
  });

  test('is cured by renewing, once for all who met it', async () => {
    await signIn();
    const token = await gateway.account.tokens.accessToken();
    gateway.revokeTokens();
    const verdicts = await Promise.all(Array.from({ length: 5 }, () => gateway.account.tokens.rejected(token)));
    expect(new Set(verdicts)).toEqual(new Set(['refreshed']));
    expect(await gateway.account.tokens.rejected(token)).toBe('refreshed');
    expect(count('GET /auth/verify')).toBe(1);
    expect(count('POST /auth/refresh')).toBe(1);
  });

  test('ends the session when nothing helps', async () => {
    await signIn();
    const token = await gateway.account.tokens.accessToken();
    gateway.revokeTokens();
    gateway.refreshTokenEnded = true;
    expect(await gateway.account.tokens.rejected(token)).toBe('expired');
    expect(gateway.account.state().name).toBe('expired');
  });

  test('says nothing while the sign-in service cannot be asked', async () => {
    await signIn();
    const token = await gateway.account.tokens.accessToken();
    gateway.answer('/auth/verify', 'offline');
    await expect(gateway.account.tokens.rejected(token)).rejects.toThrow(HttpError);
    expect(gateway.account.state().name).toBe('signedIn');
  });
});

describe('what the gateway accepts', () => {
  test('upload sessions, with no more parts at a time than Spaces bears', async () => {
    gateway.answer('/media/capabilities', capabilities);
    await signIn();
    expect(gateway.account.limits()).toMatchObject({ contract: 'upload-sessions', maxFileBytes: 200_000_000, partBytes: 8_388_608, maxPartsInFlight: 10 });
  });

  test('one photo of less than 5 MB of three types where there are none', async () => {
    await signIn();
    const limits = gateway.account.limits()!;
    expect(limits.acceptedTypes).toEqual(['image/jpeg', 'image/png', 'image/webp']);
    expect(limits.maxFileBytes).toBeLessThan(5 * 1024 * 1024);
    expect(limits.maxFileBytes).toBeGreaterThan(4.99 * 1024 * 1024);
  });

  test.each([
    ['no network', 'offline' as const],
    ['a 404 page that is not the backend’s', html(404)],
    ['a 200 page that is not the backend’s', html(200)],
    ['a server error', { status: 500, body: { error: 'x' } }],
    ['a version we do not know', { status: 200, body: { status: 'success', data: { uploads: { version: 2 } }, error: null } }],
  ])('stays as it was last known after %s, and that is said', async (_name, answer) => {
    gateway.answer('/media/capabilities', capabilities);
    await signIn();
    gateway.answer('/media/capabilities', answer);
    expect(await gateway.account.negotiate()).toMatchObject({ contract: 'upload-sessions' });
    expect(gateway.account.negotiation().lastAsked).toMatchObject({ name: 'unclear' });
    expect(gateway.restart().limits()).toMatchObject({ contract: 'upload-sessions' });
  });

  describe('a gateway that has spoken B and now says in its own words that it does not', () => {
    const denies = { status: 404, body: { error: 'not_found', message: '' } };
    const minutes = (count: number): void => gateway.clock.advance(count * 60_000);
    beforeEach(async () => {
      gateway.answer('/media/capabilities', capabilities);
      await signIn();
      gateway.answer('/media/capabilities', denies);
    });

    test('is asked again, and believed ten minutes after it first said so', async () => {
      const first = gateway.clock.now();
      for (const wait of [0, 1, 8]) {
        minutes(wait);
        expect(await gateway.account.negotiate()).toMatchObject({ contract: 'upload-sessions' });
      }
      expect(gateway.account.negotiation()).toMatchObject({ doubtedSince: first, lastAsked: { name: 'unclear', detail: '404 not_found' } });
      minutes(1);
      expect(await gateway.account.negotiate()).toMatchObject({ contract: 'gateway-photo' });
      expect(gateway.account.negotiation()).toEqual({ limits: gateway.account.limits(), since: gateway.clock.now(), lastAsked: { name: 'learnt', at: gateway.clock.now(), contract: 'gateway-photo' } });
    });

    test('is believed no sooner when B was spoken in between, nor later when the process was not running', async () => {
      await gateway.account.negotiate();
      minutes(9);
      gateway.answer('/media/capabilities', capabilities);
      await gateway.account.negotiate();
      expect(gateway.account.negotiation().doubtedSince).toBeUndefined();
      gateway.answer('/media/capabilities', denies);
      await gateway.account.negotiate();
      minutes(9);
      gateway.answer('/media/capabilities', 'offline');
      await gateway.account.negotiate();
      expect(gateway.account.negotiation().doubtedSince).toBeDefined();
      gateway.restart();
      minutes(1);
      gateway.answer('/media/capabilities', denies);
      expect(await gateway.account.negotiate()).toMatchObject({ contract: 'gateway-photo' });
    });

    test('is believed after ten minutes also where somebody sets the clock back in between', async () => {
      await gateway.account.negotiate();
      minutes(-24 * 60);
      await gateway.account.negotiate();
      minutes(10);
      expect(await gateway.account.negotiate()).toMatchObject({ contract: 'gateway-photo' });
    });

    test('and speaks B again later is on B at once', async () => {
      await gateway.account.negotiate();
      minutes(10);
      await gateway.account.negotiate();
      gateway.answer('/media/capabilities', capabilities);
      expect(await gateway.account.negotiate()).toMatchObject({ contract: 'upload-sessions' });
    });
  });

  test('a code of the server’s own is not repeated', async () => {
    gateway.answer('/media/capabilities', { status: 500, body: { error: 'Maria_Garcia' } });
    await signIn();
    expect(gateway.account.negotiation().lastAsked).toMatchObject({ name: 'unclear', detail: '500 other' });
  });

  test('since when the contract in force has been does not move when it is said again', async () => {
    await signIn();
    const { since } = gateway.account.negotiation();
    gateway.clock.advance(60_000);
    await gateway.account.negotiate();
    expect(gateway.account.negotiation()).toMatchObject({ since, lastAsked: { name: 'learnt', at: gateway.clock.now() } });
  });

  test('is kept for each gateway', async () => {
    await signIn();
    gateway.settings = { ...gateway.settings, gateway: 'https://b.example' };
    gateway.answer('/media/capabilities', capabilities);
    await signIn();
    expect(gateway.account.limits()?.contract).toBe('upload-sessions');
    expect(JSON.parse(gateway.store.get('limits:https://gw.example')!)).toMatchObject({ contract: 'gateway-photo' });
  });

  test('a change is announced', async () => {
    await signIn();
    const told: unknown[] = [];
    gateway.account.subscribe((state) => told.push(state.name === 'signedIn' && state.limits?.contract));
    gateway.answer('/media/capabilities', capabilities);
    await gateway.account.negotiate();
    expect(told).toEqual(['upload-sessions']);
  });
});
