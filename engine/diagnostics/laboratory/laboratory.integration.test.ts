import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { makePhoto } from '../../../test-support/photos.ts';
import { backendFaults, type StartBackend } from './backend-faults.ts';
import { engineFaults } from './engine-faults.ts';
import type { Fault } from './fault.ts';
import { namespacesAreAllowed, networkFaults } from './network-faults.ts';
import { socketFaults } from './socket-faults.ts';

const startBackend: StartBackend = async (contract, limits = {}) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'relevo-laboratory-'));
  const sandbox = await startSandbox({ dataDir, contract, limits, spaces: { kind: 'embedded' } });
  return { ...sandbox, close: async () => { await sandbox.close(); await rm(dataDir, { recursive: true, force: true }); } };
};

interface Row { name: string; expected: string; given: string; certainty: string; afterMs: number; right: boolean }
const rows: Row[] = [];

/** For setting up and taking down as well: servers, processes and namespaces start slowly on a computer with other work. */
const wholeTestMs = 180_000;

function laboratory(faults: readonly Fault[]): void {
  for (const fault of faults) (fault.alone ? test : test.concurrent)(fault.name, async () => {
    const seen = await fault.observe();
    const expected = fault.overlay ? `${fault.expected} + ${fault.overlay}` : fault.expected;
    const given = [seen.given, ...seen.overlays].join(' + ');
    const allowedMs = fault.allowedMs ?? 10_000;
    rows.push({ name: fault.name, expected, given, certainty: seen.certainty, afterMs: seen.afterMs, right: given === expected && seen.afterMs <= allowedMs });
    expect(given, seen.probes.join('\n')).toBe(expected);
    expect(seen.afterMs).toBeLessThanOrEqual(allowedMs);
  }, wholeTestMs);
}

describe('on this computer’s sockets', () => { laboratory(socketFaults); });
describe('in the backend', () => { laboratory(backendFaults(startBackend)); });
describe('in the backend, met by the whole engine', () => { laboratory(engineFaults(startBackend, (seed) => makePhoto({ seed }))); });
// Without root there are no namespaces to break; the table then says how many were left out.
describe.runIf(namespacesAreAllowed())('in the network', () => { laboratory(networkFaults); });

afterAll(() => {
  const width = Math.max(...rows.map((row) => row.name.length));
  const lines = rows.map((row) => `${row.right ? '  ok ' : 'WRONG'}  ${row.name.padEnd(width)}  ${row.expected.padEnd(32)} ${row.given.padEnd(32)} ${row.certainty.padEnd(9)} ${(row.afterMs / 1000).toFixed(2).padStart(6)} s`);
  const right = rows.filter((row) => row.right).length;
  const faults = rows.filter((row) => row.expected !== 'HEALTHY').length;
  const leftOut = namespacesAreAllowed() ? '' : `; ${networkFaults.length} of the network left out, which need root on Linux`;
  process.stdout.write(`\n       ${'fault'.padEnd(width)}  ${'expected'.padEnd(32)} ${'given'.padEnd(32)} certainty  diagnosed after\n${lines.join('\n')}\n\n${right} of ${rows.length} right (${faults} faults, ${rows.length - faults} healthy)${leftOut}; the slowest after ${(Math.max(...rows.map((row) => row.afterMs)) / 1000).toFixed(2)} s\n`);
});
