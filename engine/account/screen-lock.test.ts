import { beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../logging/logger.ts';
import { DatabaseError } from '../queue/database-error.ts';
import { ownerKey } from './owner.ts';
import { scryptHasher, type PasswordHasher } from './password-hash.ts';
import { createScreenLock, type ScreenLock } from './screen-lock.ts';
import { createTestGateway, type TestGateway } from './testing-gateway.ts';

const minute = 60_000;
let gateway: TestGateway;
let lock: ScreenLock;
/** Quick, and as particular about the password as the real one, which has a test of its own. */
const hasher: PasswordHasher = {
  hash: (password) => Promise.resolve({ algorithm: 'scrypt', cost: 2, blockSize: 1, salt: '', hash: Buffer.from(password).toString('base64') }),
  matches: (password, { hash }) => Promise.resolve(Buffer.from(password).toString('base64') === hash),
};

/** The same computer after a restart, as far as the lock is concerned. */
function restart(): ScreenLock {
  gateway.restart();
  lock = createScreenLock({ store: gateway.store, clock: gateway.clock, log: silentLogger, account: gateway.account, settings: () => gateway.settings, hasher });
  return lock;
}
beforeEach(async () => {
  gateway = createTestGateway();
  restart();
  await gateway.account.signIn('ana@clinic.example', 'right');
  await lock.signedIn('right');
});

describe('the window', () => {
  test('is locked by hand, and opened by the password alone', async () => {
    lock.lock();
    await expect(lock.unlock('wrong')).rejects.toMatchObject({ code: 'wrong-credentials' });
    expect(lock.isLocked()).toBe(true);
    await lock.unlock('right');
    expect(lock.isLocked()).toBe(false);
  });

  test('locks after so many minutes without use, also those that the computer slept', () => {
    gateway.clock.advance(14 * minute);
    expect(lock.isLocked()).toBe(false);
    lock.noteActivity();
    gateway.clock.advance(14 * minute);
    expect(lock.isLocked()).toBe(false);
    gateway.clock.advance(minute);
    expect(lock.isLocked()).toBe(true);
    lock.noteActivity();
    expect(lock.isLocked()).toBe(true);
  });

  test('says when that will be, and tells when it was', () => {
    const told: boolean[] = [];
    lock.onChange(() => told.push(lock.isLocked()));
    expect(lock.fallsAt()).toBe(gateway.clock.now() + 15 * minute);
    lock.look();
    gateway.clock.advance(15 * minute);
    lock.look();
    lock.look();
    expect(told).toEqual([true]);
    expect(lock.fallsAt()).toBeUndefined();
  });

  test('tells that it was opened, also where only a call has noticed that it was locked', async () => {
    const told: boolean[] = [];
    lock.onChange(() => told.push(lock.isLocked()));
    gateway.clock.advance(15 * minute);
    expect(lock.isLocked()).toBe(true);
    await lock.unlock('right');
    expect(told).toEqual([false]);
  });

  test('never locks by itself where the setting is 0', () => {
    gateway.settings = { ...gateway.settings, lockAfterMinutes: 0 };
    gateway.clock.advance(100 * 60 * minute);
    expect([lock.isLocked(), lock.fallsAt()]).toEqual([false, undefined]);
  });

  test('does not stay open for hours because somebody set the clock back', () => {
    gateway.clock.advance(-5 * 60 * minute);
    expect(lock.isLocked()).toBe(false);
    gateway.clock.advance(15 * minute);
    expect(lock.isLocked()).toBe(true);
  });

  test('is not opened by setting the clock back while the computer is off', () => {
    gateway.clock.advance(-5 * 60 * minute);
    expect(restart().isLocked()).toBe(true);
  });

  test('is not opened by starting the app again', () => {
    lock.lock();
    expect(restart().isLocked()).toBe(true);
  });

  test('is locked at the start where nobody used it for as long as the limit', () => {
    gateway.clock.advance(10 * minute);
    lock.noteActivity();
    gateway.clock.advance(10 * minute);
    expect(restart().isLocked()).toBe(false);
    gateway.clock.advance(5 * minute);
    expect(restart().isLocked()).toBe(true);
  });

  test('writes down that it is used once a minute, not at every movement', () => {
    let written = 0;
    const { set } = gateway.store;
    gateway.store.set = (key, json) => { written += 1; set(key, json); };
    for (let second = 0; second < 150; second += 1) { gateway.clock.advance(1_000); lock.noteActivity(); }
    expect(written).toBe(2);
  });

  test('locks on a full disk as well, which takes nothing down', () => {
    gateway.store.set = () => { throw new DatabaseError('disk-full'); };
    gateway.clock.advance(5 * minute);
    lock.noteActivity();
    gateway.clock.advance(15 * minute);
    lock.look();
    expect(lock.isLocked()).toBe(true);
    expect(restart().isLocked()).toBe(true);
  });

  test('by hand locks on a full disk as well', () => {
    let told = 0;
    lock.onChange(() => { told += 1; });
    gateway.store.set = () => { throw new DatabaseError('disk-full'); };
    lock.lock();
    expect([lock.isLocked(), told]).toEqual([true, 1]);
  });

  test('is nobody’s to lock while nobody is signed in', async () => {
    gateway.account.signOut();
    lock.signedOut();
    expect(() => lock.lock()).toThrow('not-signed-in');
    await expect(lock.unlock('right')).rejects.toMatchObject({ code: 'not-signed-in' });
    gateway.clock.advance(100 * minute);
    expect(lock.isLocked()).toBe(false);
  });
});

describe('unlocking', () => {
  test('needs no network', async () => {
    lock.lock();
    gateway.answer('/auth/login/user', 'offline');
    await lock.unlock('right');
    expect(lock.isLocked()).toBe(false);
    expect(gateway.requests.filter((made) => made === 'POST /auth/login/user')).toHaveLength(1);
  });

  test('works after the session has ended, which it does not bring back', async () => {
    gateway.refreshTokenEnded = true;
    gateway.clock.advance(15 * minute);
    await gateway.account.tokens.accessToken().catch(() => undefined);
    expect(gateway.account.state().name).toBe('expired');
    expect(lock.isLocked()).toBe(true);
    await lock.unlock('right');
    expect([lock.isLocked(), gateway.account.state().name]).toEqual([false, 'expired']);
  });

  test('takes a password that was changed elsewhere, and then that one without the network', async () => {
    gateway.password = 'new';
    lock.lock();
    await lock.unlock('new');
    gateway.answer('/auth/login/user', 'offline');
    lock.lock();
    await expect(lock.unlock('right')).rejects.toMatchObject({ code: 'wrong-credentials' });
    await lock.unlock('new');
    expect(lock.isLocked()).toBe(false);
  });

  test('is not for somebody else whose account has the same password', async () => {
    lock.lock();
    gateway.answer('/auth/login/user', { status: 200, body: { access_token: 'a', refresh_token: 'r', user: { id: 'u-2', email: 'ana@clinic.example', name: 'Bea' } } });
    await expect(lock.unlock('other')).rejects.toMatchObject({ code: 'wrong-credentials' });
    expect(gateway.account.ownerId()).toBe(ownerKey({ gateway: 'https://gw.example', personId: 'u-1' }));
  });

  test('without anything kept to know it by is the gateway’s to decide, and no try is lost where it cannot be asked', async () => {
    gateway.store.delete('screen-lock.verifier');
    lock.lock();
    gateway.answer('/auth/login/user', 'offline');
    for (let time = 0; time < 6; time += 1) await expect(lock.unlock('right')).rejects.toMatchObject({ code: 'network' });
    gateway.answer('/auth/login/user', undefined);
    await lock.unlock('right');
    expect(lock.isLocked()).toBe(false);
  });
});

describe('a wrong password', () => {
  const wrong = () => lock.unlock('wrong').then(() => 'opened', (error: { code: string }) => error.code);

  test('five times in a row costs a minute, then twice as long each time, up to a quarter of an hour', async () => {
    lock.lock();
    for (let time = 0; time < 4; time += 1) expect(await wrong()).toBe('wrong-credentials');
    for (const minutes of [1, 2, 4, 8, 15, 15]) {
      expect(await wrong()).toBe('too-many-tries');
      gateway.clock.advance(minutes * minute - 1_000);
      await expect(lock.unlock('right')).rejects.toMatchObject({ code: 'too-many-tries', detail: '1 s' });
      gateway.clock.advance(1_000);
    }
    await lock.unlock('right');
    lock.lock();
    expect(await wrong()).toBe('wrong-credentials');
  });

  test('is not forgotten by starting the app again', async () => {
    lock.lock();
    for (let time = 0; time < 5; time += 1) await wrong();
    restart();
    await expect(lock.unlock('right')).rejects.toMatchObject({ code: 'too-many-tries' });
  });

  test('costs a quarter of an hour at most, however far the clock is set back meanwhile', async () => {
    lock.lock();
    for (let time = 0; time < 5; time += 1) await wrong();
    gateway.clock.advance(-365 * 24 * 60 * minute);
    await expect(lock.unlock('right')).rejects.toMatchObject({ code: 'too-many-tries', detail: '900 s' });
    gateway.clock.advance(15 * minute);
    await lock.unlock('right');
    expect(lock.isLocked()).toBe(false);
  });

  test('given many times at once counts as often', async () => {
    lock.lock();
    const codes = await Promise.all(Array.from({ length: 20 }, wrong));
    expect(codes.filter((code) => code === 'wrong-credentials')).toHaveLength(4);
    expect(gateway.requests.filter((made) => made === 'POST /auth/login/user').length).toBe(6);
  });

  test('is counted before it is looked at: killing the process meanwhile gains no try', async () => {
    lock.lock();
    const silent: PasswordHasher = { ...hasher, matches: () => new Promise(() => undefined) };
    for (let time = 0; time < 5; time += 1) {
      const dying = createScreenLock({ store: gateway.store, clock: gateway.clock, log: silentLogger, account: gateway.account, settings: () => gateway.settings, hasher: silent });
      void dying.unlock('wrong');
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    await expect(restart().unlock('right')).rejects.toMatchObject({ code: 'too-many-tries' });
  });
});

describe('of the password', () => {
  test('nothing is kept that is the password, and nothing after signing out', async () => {
    const real = createScreenLock({ store: gateway.store, clock: gateway.clock, log: silentLogger, account: gateway.account, settings: () => gateway.settings, hasher: scryptHasher });
    await real.signedIn('a-long-secret');
    const kept = [...gateway.store.entries.values()].join('\n');
    expect(kept).not.toContain('a-long-secret');
    expect(kept).not.toContain(Buffer.from('a-long-secret').toString('base64'));
    real.signedOut();
    expect([...gateway.store.entries.keys()].filter((key) => key.startsWith('screen-lock'))).toEqual([]);
  });

  test('what is kept knows it again, in either way of writing accents, and no other', async () => {
    const hash = await scryptHasher.hash('contraseña');
    expect(await scryptHasher.matches('contrasen\u0303a', hash)).toBe(true);
    expect(await scryptHasher.matches('contrasena', hash)).toBe(false);
    expect((await scryptHasher.hash('contraseña')).hash).not.toBe(hash.hash);
  });
});
