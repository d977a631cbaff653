import { describe, expect, it } from 'vitest';
import { CallError } from '../../shared/rpc/call-error.ts';
import { VirtualTime } from '../virtual-time.ts';
import { openDatabase } from '../queue/database.ts';
import { createSqliteKeyValueStore } from '../queue/sqlite-key-value-store.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import { ProxySignIn, schemesOf } from './proxy-sign-in.ts';

const clinic = { host: 'proxy.clinic.test', port: 3128, secure: false };
const stranger = { host: 'evil.test', port: 3128, secure: false };
const nurse = { user: 'núria', password: 'secreto' };
const header = `Basic ${Buffer.from('núria:secreto').toString('base64')}`;
const basic = ['Basic realm="clinic, Basic"'];

function setUp(store: KeyValueStore = createSqliteKeyValueStore(openDatabase({ file: ':memory:' }))) {
  const time = new VirtualTime(0);
  let changes = 0;
  return { time, store, signIn: new ProxySignIn({ clock: time, store, onChange: () => { changes += 1; } }), changes: () => changes };
}

describe('the sign-in for a proxy', () => {
  it('is for the proxies that asked or are in use when it is entered, and for no other', async () => {
    const { signIn } = setUp();
    signIn.keep(nurse, [clinic]);
    expect(await signIn.asked(stranger, basic, undefined)).toEqual({ detail: 'proxy-auth:basic' });
    expect(signIn.authorization(stranger)).toBeUndefined();
    expect(signIn.authorization(clinic)).toBeUndefined();
    expect(await signIn.asked(clinic, basic, undefined)).toEqual({ authorization: header });
  });

  it('entered for a proxy over TLS, it is not given in clear to one of the same name and port', async () => {
    const { signIn } = setUp();
    const secure = { host: 'proxy.clinic.test', port: 443, secure: true };
    signIn.keep(nurse, [secure]);
    expect(await signIn.asked({ ...secure, secure: false }, basic, undefined)).toEqual({ detail: 'proxy-auth:basic' });
    expect(signIn.isAsked).toBe(true);
    expect(await signIn.asked(secure, basic, undefined)).toEqual({ authorization: header });
    signIn.given({ ...secure, port: 444 }, nurse);
    expect(await signIn.asked({ ...secure, port: 444, secure: false }, basic, undefined)).toEqual({ detail: 'proxy-auth:basic' });
  });

  it('is not kept for whichever proxy asks first: with none in use and none asking there is nobody that it is for', async () => {
    const { signIn, store } = setUp();
    expect(() => signIn.keep(nurse, [])).toThrow(CallError);
    expect(signIn.isKept).toBe(false);
    expect(await signIn.asked(stranger, basic, undefined)).toEqual({ detail: 'proxy-auth:basic' });
    // It asks, and the person who is told so answers.
    signIn.keep(nurse, []);
    expect(await signIn.asked(stranger, basic, undefined)).toEqual({ authorization: header });
    expect(setUp(store).signIn.isKept).toBe(true);
  });

  it('is still there after a restart, and still for the same proxy', async () => {
    const { store, signIn } = setUp();
    signIn.keep(nurse, [clinic]);
    const again = setUp(store).signIn;
    expect(again.isKept).toBe(true);
    expect(await again.asked(stranger, basic, undefined)).toEqual({ detail: 'proxy-auth:basic' });
    expect(await again.asked(clinic, basic, undefined)).toEqual({ authorization: header });
    again.forget();
    expect(setUp(store).signIn.isKept).toBe(false);
  });

  it('what is not readable is as good as none', () => {
    const { store } = setUp();
    store.set('network.proxy-sign-in', '{"user":1}');
    expect(setUp(store).signIn.isKept).toBe(false);
    // As it was once kept: without whether the way to the proxy has TLS, and for the first that would ask.
    for (const proxies of [['proxy.clinic.test:3128'], []]) {
      store.set('network.proxy-sign-in', JSON.stringify({ ...nurse, proxies }));
      expect(setUp(store).signIn.isKept).toBe(false);
    }
  });

  it('is tried by one request, and the others wait for what comes of it', async () => {
    const { signIn, changes, time } = setUp();
    signIn.keep(nurse, [clinic]);
    expect(await signIn.asked(clinic, basic, undefined)).toEqual({ authorization: header });
    let second: unknown;
    void signIn.asked(clinic, basic, undefined).then((told) => { second = told; });
    await time.run(10);
    expect(second).toBeUndefined();
    expect(signIn.authorization(clinic)).toBeUndefined();
    signIn.passed(clinic, header);
    await time.run(20);
    expect(second).toEqual({ authorization: header });
    expect(signIn.authorization(clinic)).toBe(header);
    expect(changes()).toBe(0);
  });

  it('refused, it is not shown again by ourselves for five minutes; another one is at once', async () => {
    const { signIn, time } = setUp();
    signIn.keep(nurse, [clinic]);
    await signIn.asked(clinic, basic, undefined);
    expect(await signIn.asked(clinic, basic, header)).toEqual({ detail: 'proxy-auth:refused:basic' });
    expect(signIn.isAsked).toBe(true);
    expect(signIn.authorization(clinic)).toBeUndefined();
    expect(await signIn.asked(clinic, basic, undefined)).toEqual({ detail: 'proxy-auth:refused:basic' });
    await time.run(5 * 60_000 + 1);
    expect(await signIn.asked(clinic, basic, undefined)).toEqual({ authorization: header });
    await signIn.asked(clinic, basic, header);
    signIn.keep({ ...nurse, password: 'otro' }, []);
    expect(signIn.authorization(clinic)).toBe(`Basic ${Buffer.from('núria:otro').toString('base64')}`);
  });

  it('a trial that tells nothing holds nobody up for ever', async () => {
    const { signIn, time } = setUp();
    signIn.keep(nurse, [clinic]);
    await signIn.asked(clinic, basic, undefined);
    let second: unknown;
    void signIn.asked(clinic, basic, undefined).then((told) => { second = told; });
    await time.run(16_000);
    expect(second).toEqual({ authorization: header });
  });

  it('the proxy asks until it lets somebody through', async () => {
    const { signIn, changes } = setUp();
    await signIn.asked(clinic, basic, undefined);
    await signIn.asked(clinic, basic, undefined);
    expect([signIn.isAsked, changes()]).toEqual([true, 1]);
    signIn.passed(clinic, undefined);
    expect([signIn.isAsked, changes()]).toEqual([false, 2]);
  });

  it('is not shown to a proxy that offers nothing that we can do', async () => {
    const { signIn } = setUp();
    signIn.keep(nurse, [clinic]);
    expect(await signIn.asked(clinic, ['NTLM', 'Negotiate'], undefined)).toEqual({ detail: 'proxy-auth:ntlm.negotiate' });
  });
});

describe('the schemes that a proxy offers', () => {
  it.each([
    [['Basic realm="x"'], ['basic']],
    [['Negotiate, NTLM, Basic realm="a, Digest b"'], ['negotiate', 'ntlm', 'basic']],
    [['Digest realm="r", qop="auth", nonce="n=="', 'Basic realm="r"'], ['digest', 'basic']],
    [['Negotiate YIIJvwYGKwYBBQUC'], ['negotiate']],
    [['realm="x"', '', '<html>'], []],
  ])('%j', (challenges, schemes) => {
    expect(schemesOf(challenges)).toEqual(schemes);
  });
});
