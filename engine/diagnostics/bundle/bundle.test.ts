import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DoctorReport, ProbeResult } from '../../../shared/domain/diagnosis.ts';
import { systemClock } from '../../clock.ts';
import { ok } from '../facts-for-tests.ts';
import { viewOf, probeEvidence } from '../view.ts';
import { emptyFacts } from '../facts.ts';
import { collectBundle, previewOf } from './bundle.ts';
import type { BundleSources, Collector } from './collectors.ts';
import { plainNames, tokenNames } from './names.ts';
import { safeProbe, safeReport } from './sanitize.ts';
import { safeWords } from './words.ts';

/** `FUZZ_RUNS` of the environment. */
const runs = Number(process.env.FUZZ_RUNS ?? 5_000);
const names = tokenNames(new Uint8Array(32).fill(3));
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const base = { layer: 'L5', kind: 'http', target: 'gateway', at: { wall: 1, monotonic: 1 }, status: 'ran' } as const;

test('equal names have equal tokens in one bundle and others in the next', () => {
  expect(names('address', '192.168.1.1')).toBe(names('address', '192.168.1.1'));
  expect(names('address', '192.168.1.1')).not.toBe(names('address', '192.168.1.2'));
  expect(tokenNames()('address', '192.168.1.1')).not.toBe(tokenNames()('address', '192.168.1.1'));
  expect(names('address', '127.0.0.1')).toBe('127.0.0.1');
});

test('the output of the route commands keeps its form and loses its names', () => {
  const safe = safeWords('default via 192.168.7.1 dev wlan-clinica proto dhcp metric 600\n192.168.7.0/24 dev eth0 scope link src 192.168.7.20 linkdown\nfe80::1 dev eth0 lladdr 52:54:00:ab:cd:ef router REACHABLE\n', names);
  expect(safe).toMatch(/^default via address-\w{8} dev network-\w{8} proto dhcp metric 600\naddress-\w{8}\/24 dev network-\w{8} scope link src address-\w{8} linkdown\naddress-\w{8} dev network-\w{8} lladdr mac-\w{8} router REACHABLE\n$/);
  expect(safeWords('  Interfaz: Adaptador de red Consulta-García\n    (10.0.0.4)', names)).toMatch(/^ {2}… … … … …\n {4}\(address-\w{8}\)$/);
});

test('all that our own evidence says comes through', () => {
  const probe: ProbeResult = { ...base, outcome: 'failed', finding: 'odd-answer', httpStatus: 503, serverCode: 'service_unavailable', answeringHop: 'gateway', circuitOpen: true, requestId: '3f2504e0-4f89-41d3-9a0c-0305e82c3301', phases: { total: 12 } };
  const says = probeEvidence(probe as Extract<ProbeResult, { status: 'ran' }>).says;
  expect(safeWords(says, names)).toBe(says);
  expect(viewOf(emptyFacts(0)).answers).toEqual([]);
});

test('what a server can put a text into is kept only where the text is known', () => {
  const probe: ProbeResult = {
    ...base, outcome: 'failed', serverCode: 'maria_garcia', requestId: 'maria-garcia', errno: 'MARIA', host: 'gw.clinica-garcia.es', redirectHost: 'portal.garcia.es', address: '10.1.2.3',
    certificate: { issuer: 'Clínica García CA', error: 'MARIA GARCIA' }, checks: [{ name: 'maria', ok: false, errno: 'EGARCIA1980X' }], source: 'maria',
  };
  const safe = safeProbe(probe, names);
  expect(JSON.stringify(safe).toLowerCase()).not.toMatch(/maria|garcia|garcía|10\.1\.2\.3/);
  expect(safe).toMatchObject({ outcome: 'failed', checks: [{ name: 'other', ok: false }], host: expect.stringMatching(/^host-\w{8}$/) as string });
  expect(safeProbe({ ...probe, requestId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', serverCode: 'upload_gone' }, plainNames)).toMatchObject({ requestId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', serverCode: 'upload_gone', address: '10.1.2.3' });
});

test('words of anybody’s own do not come through, whatever stands around them', () => {
  const canary = fc.string({ minLength: 9, maxLength: 14, unit: fc.constantFrom(...'bcdfghjklmnpqrstvwxz') }).map((letters) => `Zq${letters}`);
  fc.assert(fc.property(canary, fc.string({ unit: 'binary', maxLength: 30 }), fc.constantFrom(' ', '/', ': ', '=', '_', '.', '-', '\n', ' request ', ' dev ', ' to ', ' trace '), (secret, around, join) => {
    expect(safeWords(`${around}${join}${secret}${join}${around}`, names)).not.toContain(secret);
  }), { numRuns: runs });
}, 20_000 + runs * 2);

const report: DoctorReport = { schema_version: 1, diagnosis: { code: 'HEALTHY', severity: 'ok', certainty: 'certain', since: 0, evidence: [], overlays: [] }, probes: [ok('http', 'gateway')] };

test('a collector that fails, throws at once or hangs costs only its own part, and says so', async () => {
  const collectors: Collector[] = [
    { name: 'fine', path: 'fine.txt', limitMs: 1_000, collect: async () => 'fine' },
    { name: 'full', path: 'full.txt', limitMs: 1_000, collect: () => { throw Object.assign(new Error('/home/maria/foto.jpg'), { code: 'ENOSPC' }); } },
    { name: 'hangs', path: 'hangs.txt', limitMs: 20, collect: () => new Promise(() => undefined) },
    { name: 'odd', path: 'odd.txt', limitMs: 1_000, collect: () => Promise.reject(Object.assign(new Error('x'), { code: 'maria' })) },
  ];
  const files = await collectBundle({ clock: systemClock } as BundleSources, names, collectors);
  expect(previewOf(files).files.map(({ path, failed }) => [path, failed])).toEqual([['fine.txt', false], ['full.txt', true], ['hangs.txt', true], ['odd.txt', true], ['collectors.json', false]]);
  expect(text(files[0]!.bytes)).toBe('fine');
  expect(JSON.parse(text(files.at(-1)!.bytes)) as unknown).toMatchObject({ collectors: [{ ok: true }, { ok: false, failure: 'ENOSPC' }, { ok: false, failure: 'too-slow' }, { ok: false, failure: 'Error' }] });
  expect(files.map(({ bytes }) => text(bytes)).join('')).not.toContain('maria');
  expect(safeReport(report, names).diagnosis.code).toBe('HEALTHY');
});
