/** @file Runs in the namespace that plays router and Internet: backend and resolver on its addresses, until its input ends. */
import { internet } from './internet.ts';
import { startDns, startHttp, startProxy } from './servers.ts';

await startHttp(undefined, { host: internet.gateway, port: internet.port });
await startHttp(undefined, { host: internet.spaces, port: internet.port });
await startHttp(undefined, { host: internet.control, port: internet.port });
await startProxy(undefined, { host: internet.router, port: internet.proxyPort });
await startDns((name) => {
  if (name === 'gateway.clinic.test') return { address: internet.gateway };
  if (name === 'spaces.clinic.test') return { address: internet.spaces };
  return name === 'servfail.clinic.test' ? 'servfail' : 'nxdomain';
}, { host: internet.resolver, port: 53 });
process.stdout.write('ready\n');
process.stdin.on('end', () => process.exit(0)).resume();
