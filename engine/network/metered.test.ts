import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandOutcome, RunCommand } from '../diagnostics/probes/run-command.ts';
import { askMetered } from './metered.ts';
import { parseConnectionCost, parseNetworkManagerProperty, parseNmcliDevices } from './metered-parsers.ts';

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8');

describe('what the systems say', () => {
  it.each([
    ['linux-busctl-metered-yes', parseNetworkManagerProperty, 'yes'],
    ['linux-busctl-metered-guess-yes', parseNetworkManagerProperty, 'yes'],
    ['linux-busctl-metered-no', parseNetworkManagerProperty, 'no'],
    ['linux-busctl-metered-guess-no', parseNetworkManagerProperty, 'no'],
    ['linux-busctl-metered-unknown', parseNetworkManagerProperty, 'unknown'],
    ['linux-nmcli-wifi', parseNmcliDevices, 'no'],
    ['linux-nmcli-phone', parseNmcliDevices, 'yes'],
    ['linux-nmcli-both', parseNmcliDevices, 'unknown'],
    ['windows-cost-unrestricted', parseConnectionCost, 'no'],
    ['windows-cost-fixed', parseConnectionCost, 'yes'],
    ['windows-cost-variable', parseConnectionCost, 'yes'],
    ['windows-cost-roaming', parseConnectionCost, 'yes'],
    ['windows-cost-over-limit', parseConnectionCost, 'yes'],
    ['windows-cost-unknown', parseConnectionCost, 'unknown'],
    ['windows-cost-no-profile', parseConnectionCost, 'unknown'],
  ] as const)('%s', (name, parse, expected) => {
    expect(parse(fixture(name))).toBe(expected);
  });

  it('nothing is made of what is not understood', () => {
    for (const parse of [parseNetworkManagerProperty, parseNmcliDevices, parseConnectionCost]) for (const text of ['', 'u', 'yes', 'Error: NetworkManager is not running.', 'Fixed']) expect(parse(text)).toBe('unknown');
  });
});

describe('asking', () => {
  const answering = (answers: Record<string, CommandOutcome>): RunCommand & { asked: string[] } => {
    const asked: string[] = [];
    return Object.assign<RunCommand, { asked: string[] }>(async (file) => {
      asked.push(file);
      return answers[file] ?? { name: 'missing' };
    }, { asked });
  };
  const done = (stdout: string, code = 0): CommandOutcome => ({ name: 'done', code, stdout, stderr: '' });

  it('the bus first, nmcli where it does not know', async () => {
    const bus = answering({ busctl: done(fixture('linux-busctl-metered-yes')) });
    expect(await askMetered('linux', bus)).toBe('yes');
    expect(bus.asked).toEqual(['busctl']);
    expect(await askMetered('linux', answering({ busctl: done('', 1), nmcli: done(fixture('linux-nmcli-wifi')) }))).toBe('no');
    expect(await askMetered('linux', answering({}))).toBe('unknown');
    expect(await askMetered('linux', answering({ busctl: { name: 'too-slow' }, nmcli: { name: 'too-slow' } }))).toBe('unknown');
  });

  it('Windows by its Runtime; macOS does not say', async () => {
    expect(await askMetered('win32', answering({ 'powershell.exe': done(fixture('windows-cost-fixed')) }))).toBe('yes');
    const mac = answering({});
    expect(await askMetered('darwin', mac)).toBe('unknown');
    expect(mac.asked).toEqual([]);
  });
});
