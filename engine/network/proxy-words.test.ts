import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Route } from '../transport/routes.ts';
import { environmentProxy } from './environment-proxy.ts';
import { parsePacAnswer, parseProxyAddress } from './proxy-words.ts';

const through = (host: string, port: number, secure = false): Route => ({ name: 'proxy', proxy: { host, port, secure } });

describe('the answer of a PAC script', () => {
  it.each<[string, Route[], boolean]>([
    ['DIRECT', [{ name: 'direct' }], false],
    ['PROXY proxy.clinic.test:3128', [through('proxy.clinic.test', 3128)], false],
    ['PROXY a:80; HTTPS b:8443; DIRECT', [through('a', 80), through('b', 8443, true), { name: 'direct' }], false],
    ['PROXY [2001:db8::1]:3128;DIRECT', [through('2001:db8::1', 3128), { name: 'direct' }], false],
    ['HTTPS secure', [through('secure', 443, true)], false],
    ['SOCKS5 s:1080; PROXY a:80', [through('a', 80)], true],
    ['SOCKS s:1080', [], true],
    ['PROXY a:80; PROXY a:80', [through('a', 80)], false],
  ])('%s', (text, routes, unsupported) => {
    expect(parsePacAnswer(text)).toEqual({ routes, unsupported });
  });

  it.each(['', 'PROXY', 'PROXY :80', 'PROXY a:0', 'PROXY a:99999', 'PROXY a b:80', 'PROXY user:pass@a:80', 'PROXY http://a:80', 'PROXY a:80/x', 'PROXY [::zz]:80', 'DIRECT now', 'nonsense', 'PROXY a\r\nHost: b:80'])('nothing is made of %j', (text) => {
    expect(parsePacAnswer(text)).toBeUndefined();
  });

  it('never gives a way that is not a plain host and port, whatever it is told', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.array(fc.constantFrom('PROXY ', 'HTTPS ', 'DIRECT', ';', ' ', 'a', '.b', ':80', '[', '::1', ']', '@', '/', '\r\n', '\u0000', 'ñ')).map((parts) => parts.join(''))), (text) => {
      for (const route of parsePacAnswer(text)?.routes ?? []) {
        if (route.name === 'direct') continue;
        expect(route.proxy.host).toMatch(/^[\w.:%-]+$/);
        expect(route.proxy.port).toBeGreaterThan(0);
        expect(route.proxy.port).toBeLessThan(65_536);
      }
    }));
  });
});

describe('a proxy’s address', () => {
  it('may have a scheme, a port and a sign-in, or not', () => {
    expect(parseProxyAddress('http://proxy.clinic.test:3128')).toEqual({ proxy: { host: 'proxy.clinic.test', port: 3128, secure: false } });
    expect(parseProxyAddress('proxy:8080')).toEqual({ proxy: { host: 'proxy', port: 8080, secure: false } });
    expect(parseProxyAddress('https://proxy')).toEqual({ proxy: { host: 'proxy', port: 443, secure: true } });
    expect(parseProxyAddress('http://n%C3%BArse:p%3Aw@[::1]:3128')).toEqual({ proxy: { host: '::1', port: 3128, secure: false }, signIn: { user: 'núrse', password: 'p:w' } });
  });

  it('is not one of a kind that we cannot use', () => {
    for (const text of ['socks5://a:1080', 'ftp://a', 'http://', '', 'http://a:99999']) expect(parseProxyAddress(text)).toBeUndefined();
  });
});

describe('the environment', () => {
  const named = (environment: Record<string, string>, url: string): string => {
    const found = environmentProxy(environment, new URL(url));
    return found.name === 'none' ? 'none' : found.address?.proxy.host ?? 'unusable';
  };

  it.each([
    [{ https_proxy: 'http://a:1' }, 'https://clinic.test/', 'a'],
    [{ HTTPS_PROXY: 'http://a:1' }, 'https://clinic.test/', 'a'],
    [{ https_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:1' }, 'https://clinic.test/', 'a'],
    [{ HTTPS_PROXY: 'http://a:1' }, 'http://clinic.test/', 'none'],
    [{ HTTP_PROXY: 'a:1' }, 'http://clinic.test/', 'a'],
    [{ ALL_PROXY: 'socks5://a:1' }, 'https://clinic.test/', 'unusable'],
    [{ all_proxy: 'http://c:1', https_proxy: '' }, 'https://clinic.test/', 'c'],
    [{ all_proxy: 'http://c:1', no_proxy: 'other.test,clinic.test' }, 'https://api.clinic.test/', 'none'],
    [{ all_proxy: 'http://c:1', NO_PROXY: '.clinic.test' }, 'https://clinic.test/', 'none'],
    [{ all_proxy: 'http://c:1', NO_PROXY: 'inic.test' }, 'https://clinic.test/', 'c'],
    [{ all_proxy: 'http://c:1', NO_PROXY: '*' }, 'https://clinic.test/', 'none'],
    [{}, 'https://clinic.test/', 'none'],
  ])('%j for %s: %s', (environment, url, expected) => {
    expect(named(environment as Record<string, string>, url)).toBe(expected);
  });
});
