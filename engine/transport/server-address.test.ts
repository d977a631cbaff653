import { expect, it } from 'vitest';
import { safeAddress } from './server-address.ts';

it.each([
  ['https://spaces.example/k?X-Amz-Signature=s', 'https://gw.example', true],
  ['http://spaces.example/k', 'https://gw.example', false],
  ['http://spaces.example/k', 'http://10.0.0.5:8080', true],
  ['https://user:word@spaces.example/k', 'https://gw.example', false],
  ['ftp://spaces.example/k', 'http://gw.example', false],
  ['file:///etc/passwd', 'http://gw.example', false],
  ['/photos/1.jpg', 'https://gw.example/relevo', true],
  ['http://', 'https://gw.example', false],
])('%s, named by %s: %s', (address, gateway, may) => {
  expect(safeAddress(address, gateway) !== undefined).toBe(may);
});
