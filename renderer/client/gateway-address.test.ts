import { expect, it } from 'vitest';
import { shortAddress, toGatewayAddress } from './gateway-address.ts';

it.each([
  ['https://clinica.example', 'https://clinica.example'],
  ['  http://127.0.0.1:8080/ ', 'http://127.0.0.1:8080'],
  ['clinica.example', 'https://clinica.example'],
  ['clinica.example:8443/relevo', 'https://clinica.example:8443/relevo'],
])('understands %s', (typed, address) => {
  expect(toGatewayAddress(typed)).toBe(address);
});

it.each(['', '   ', 'ftp://clinica.example', 'javascript://x', 'https://', 'https://ana:secreto@clinica.example', 'no es una dirección'])('refuses %j', (typed) => {
  expect(toGatewayAddress(typed)).toBeUndefined();
});

it('shows the host alone', () => {
  expect(shortAddress('https://clinica.example/api')).toBe('clinica.example');
});
