import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseWindowsCertificates } from './windows-certificates.ts';

const printed = readFileSync(new URL('fixtures/windows-certificates.txt', import.meta.url), 'utf8');
const namesOf = (output: string): string[] => parseWindowsCertificates(output).map((pem) => new X509Certificate(pem).subject.replace('CN=', '')).sort();

it('those that the system trusts for servers, and none that it trusts for something else only, for nothing, or not at all', () => {
  expect(namesOf(printed)).toEqual(['any-extension.test', 'named.test', 'plain.test', 'server-extension.test']);
});

it('without the store of those that are not trusted, the same but for the one that lies in it', () => {
  expect(namesOf(printed.replace(/^distrusted .*$/m, ''))).toEqual(['any-extension.test', 'distrusted.test', 'named.test', 'plain.test', 'server-extension.test']);
});

it('nothing is made of what is not understood, and it ends', () => {
  expect(namesOf('Get-ChildItem : Access denied\r\ntrusted !!!!\r\ntrusted AAAA\r\ntrusted\r\n\r\ndistrusted AAAA')).toEqual([]);
  const whole = Buffer.from(printed.split('\r\n')[1]!.split(' ')[1]!, 'base64');
  fc.assert(fc.property(fc.array(fc.record({ at: fc.nat(whole.length - 1), value: fc.nat(255) }), { maxLength: 4 }), fc.nat(whole.length), (changes, length) => {
    const changed = Buffer.from(whole.subarray(0, length));
    for (const { at, value } of changes) if (at < length) changed[at] = value;
    expect(parseWindowsCertificates(`trusted ${changed.toString('base64')}`).length).toBeLessThanOrEqual(1);
  }), { numRuns: 300 });
});
