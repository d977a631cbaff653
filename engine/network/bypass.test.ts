import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBypassed, isOwn } from './bypass.ts';

const at = (host: string, scheme = 'https'): URL => new URL(`${scheme}://${host}/`);

describe('hosts for which no proxy is used', () => {
  it.each<[string, string, boolean]>([
    ['clinic.test', 'clinic.test', true],
    ['clinic.test', 'api.clinic.test', false],
    ['*.clinic.test', 'api.clinic.test', true],
    ['*.clinic.test', 'clinic.test', false],
    ['.clinic.test', 'a.b.clinic.test', true],
    ['CLINIC.test', 'clinic.test', true],
    ['clinic.test', 'clinic.test.', true],
    ['clinic.test:8443', 'clinic.test:8443', true],
    ['clinic.test:8443', 'clinic.test', false],
    ['clinic.test:443', 'clinic.test', true],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.0.0.0/99', '10.1.2.3', false],
    ['2001:db8::/32', '[2001:db8::5]', true],
    ['[2001:db8::5]:8443', '[2001:db8:0:0::5]:8443', true],
    ['2001:db8::5', '[2001:db8:0:0::5]', true],
    ['<local>', 'server', true],
    ['<local>', 'server.clinic.test', false],
    ['*', 'anything.test', true],
    ['', 'clinic.test', false],
    ['<-loopback>', 'clinic.test', false],
  ])('%s has %s: %s', (pattern, host, expected) => {
    expect(isBypassed([pattern], at(host))).toBe(expected);
  });

  it('takes any pattern without breaking', () => {
    fc.assert(fc.property(fc.string(), fc.constantFrom('clinic.test', '10.1.2.3', '[::1]'), (pattern, host) => { isBypassed([pattern], at(host)); }));
  });

  it('knows this computer and its own link', () => {
    for (const host of ['localhost', 'LOCALHOST', 'a.localhost', '127.0.0.1', '127.1.2.3', '[::1]', '169.254.1.1', '[fe80::1]']) expect(isOwn(at(host)), host).toBe(true);
    for (const host of ['localhost.clinic.test', '128.0.0.1', '10.0.0.1', 'clinic.test', '[2001:db8::1]']) expect(isOwn(at(host)), host).toBe(false);
  });
});
