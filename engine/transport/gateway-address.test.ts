import { expect, test } from 'vitest';
import { gatewayAddress } from './gateway-address.ts';

test.each([
  ['https://gw.example', '/auth/verify', 'https://gw.example/auth/verify'],
  ['https://gw.example/', '/health/', 'https://gw.example/health/'],
  ['https://gw.example/heartguard', '/media/health', 'https://gw.example/heartguard/media/health'],
  ['https://gw.example:8443/clinic/heartguard//', '/media/patients/a%2Fb/photo', 'https://gw.example:8443/clinic/heartguard/media/patients/a%2Fb/photo'],
  ['https://gw.example/heartguard', '/user/orgs/1/patients?search=a&limit=5', 'https://gw.example/heartguard/user/orgs/1/patients?search=a&limit=5'],
  ['https://gw.example/heartguard?from=mail#top', '/health/', 'https://gw.example/heartguard/health/'],
])('%s and %s', (gateway, path, address) => {
  expect(gatewayAddress(gateway, path)).toBe(address);
  expect(gatewayAddress(new URL(gateway), path)).toBe(address);
});
