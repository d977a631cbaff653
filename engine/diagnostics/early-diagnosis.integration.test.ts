import { afterEach, expect, test } from 'vitest';
import type { DiagnosisCode } from '../../shared/domain/diagnosis.ts';
import { directRoutes, type Route } from '../transport/routes.ts';
import { trustOnly } from '../transport/trust.ts';
import { diagnosticEnvironment, type GivenEnvironment } from './environment.ts';
import { selfSigned } from './laboratory/certificates.ts';
import { closedPort, startHttps, startProxy, type Running } from './laboratory/servers.ts';
import { runChecks } from './run.ts';

const closing: Running[] = [];
afterEach(async () => { for (const running of closing.splice(0)) await running.close(); });

/** Runs a check in which one thing is not answered before everything else is known, or a diagnosis is told too soon. */
async function told(given: (heldBack: () => Promise<void>) => Pick<GivenEnvironment, 'targets'> & Partial<GivenEnvironment>, openAtLast: number) {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => { release = resolve; });
  const codes = new Set<DiagnosisCode>();
  const { diagnosis } = await runChecks(diagnosticEnvironment({ token: async () => 't', diskFolder: '/tmp', diskLowBytes: 1, ...given(() => released) }), {
    scope: 'full',
    onProgress: (progress) => {
      if (progress.diagnosis) codes.add(progress.diagnosis.code);
      if (progress.diagnosis || progress.total - progress.done <= openAtLast) release();
    },
  });
  return { early: [...codes], final: diagnosis.code };
}

test('a name that does not resolve is no failure of the resolver before the control name was asked for', async () => {
  expect(await told((heldBack) => ({
    targets: () => ({ gateway: 'http://gone.example', spaces: 'http://here.example:1', contract: 'upload-sessions' }),
    controls: () => ({ dnsName: 'control.example' }),
    lookup: async (host) => {
      if (host === 'gone.example') throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
      if (host === 'control.example') await heldBack();
      return [{ address: '127.0.0.1', family: 4 }];
    },
  }), 1)).toEqual({ early: ['DNS_RECORD_MISSING'], final: 'DNS_RECORD_MISSING' });
});

test('a proxy that does not reach the gateway is not broken before it was asked for Spaces', async () => {
  const pair = await selfSigned({ name: '127.0.0.1', days: 2 });
  const spaces = await startHttps(pair);
  const proxy = await startProxy(undefined);
  closing.push(spaces, proxy);
  const gateway = await closedPort();
  const way: Route = { name: 'proxy', proxy: { host: '127.0.0.1', port: proxy.port, secure: false } };
  expect(await told((heldBack) => ({
    targets: () => ({ gateway: `https://127.0.0.1:${gateway}`, spaces: `https://127.0.0.1:${spaces.port}`, contract: 'upload-sessions' }),
    trust: trustOnly([pair.cert]),
    routes: { ...directRoutes, find: async (url) => { if (url.port === String(spaces.port)) await heldBack(); return [way]; } },
  }), 8)).toEqual({ early: ['GATEWAY_DOWN'], final: 'GATEWAY_DOWN' });
});
