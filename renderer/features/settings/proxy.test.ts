import { expect, it } from 'vitest';
import { toBypass, toProxyAddress } from './proxy.ts';

it.each([
  ['http://proxy.clinica.example:3128', 'http://proxy.clinica.example:3128'],
  ['  proxy:3128/ ', 'http://proxy:3128'],
  ['https://[::1]:8443', 'https://[::1]:8443'],
  ['192.168.1.20:8080', 'http://192.168.1.20:8080'],
  ['system', 'http://system'],
  ['', undefined],
  ['http://ana:secreto@proxy:3128', undefined],
  ['socks5://proxy:1080', undefined],
  ['http://proxy:3128/path', undefined],
  ['http://proxy :3128', undefined],
  ['http://', undefined],
])('takes %j as the proxy %s', (typed, address) => {
  expect(toProxyAddress(typed)).toBe(address);
});

it('takes exceptions however they are separated, each once', () => {
  expect(toBypass('*.clinica.example, 192.168.1.20;localhost\n10.0.0.0/8 localhost')).toEqual({ hosts: ['*.clinica.example', '192.168.1.20', 'localhost', '10.0.0.0/8'] });
  expect(toBypass(' ')).toEqual({ hosts: [] });
  expect(toBypass('fd00::1, [::1]:8080')).toEqual({ hosts: ['fd00::1', '[::1]:8080'] });
  expect(toBypass('.clinica.example:8443 * <local> <-loopback>')).toEqual({ hosts: ['.clinica.example:8443', '*', '<local>', '<-loopback>'] });
});

it('names the exception that is none', () => {
  expect(toBypass('clinica.example, http://x/')).toEqual({ wrong: 'http://x/' });
  expect(toBypass('a*b')).toEqual({ wrong: 'a*b' });
  expect(toBypass('*name')).toEqual({ wrong: '*name' });
  expect(toBypass('<script>')).toEqual({ wrong: '<script>' });
});
