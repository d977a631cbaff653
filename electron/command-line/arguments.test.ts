import { expect, test } from 'vitest';
import { commandNames } from '../../cli/command-names.ts';
import { createProgram } from '../../cli/program.ts';
import { commandLineTexts } from '../../shared/texts/command-line.ts';
import { commandIn, namedDataDir, ownArguments } from './arguments.ts';

test.each([
  [['doctor', '--json'], ['doctor', '--json']],
  [['--no-sandbox', '--ozone-platform=headless', 'status'], ['status']],
  [['--version'], ['--version']],
  [['--no-sandbox', '-h'], ['-h']],
  [['--', 'status', '--', 'x'], ['status', '--', 'x']],
  [['--ozone-platform=headless', '--', '--json', 'status'], ['--json', 'status']],
  // Wrong, and told so: whoever writes the separator wants no window.
  [['--', 'docter'], ['docter']],
  [['--'], []],
  [['--', 'own-keys', 'set', '--endpoint', 'https://fra1.example'], ['own-keys', 'set', '--endpoint', 'https://fra1.example']],
])('%j is the command %j', (args, command) => {
  expect(commandIn(args)).toEqual(command);
});

test.each([
  [[]], [['--no-sandbox']], [['--squirrel-firstrun']], [['-psn_0_12345']], [['-p', '"ran " + "as node"']],
  // No name of a command, or not to the letter.
  [['Status']], [['docter']], [['sandbox']], [['/clinic/status']],
  // Any web page can send these, and what is behind them.
  [['relevo://queue']], [['RELEVO:status']], [['relevo://queue', 'logout']], [['relevo://queue', '--', 'logout']], [['--', 'relevo://queue']], [['--', 'relevo://queue', 'logout']],
])('%j opens the window', (args) => {
  expect(commandIn(args)).toBeUndefined();
});

test('what Electron was given before the app’s folder is none of ours', () => {
  expect(ownArguments(['/bin/relevo', '--', 'status'], undefined)).toEqual(['--', 'status']);
  expect(ownArguments(['/bin/electron', '-r', '/loader.js', '--no-sandbox', '/checkout', 'status'], '/checkout')).toEqual(['status']);
  expect(ownArguments(['/bin/electron', '/checkout/', '--no-sandbox', '--', 'status'], '/checkout')).toEqual(['--no-sandbox', '--', 'status']);
});

test('the names are those of the commands, but for the sandbox, which is not installed', () => {
  const nothing = (): never => { throw new Error('not run'); };
  const program = createProgram({ texts: commandLineTexts('en'), version: '1', sandbox: undefined, contextFor: nothing, onExitCode: nothing, writeOut: nothing, writeHelp: nothing });
  expect([...commandNames].sort()).toEqual([...program.commands.map((command) => command.name()), 'help'].sort());
});

test.each([
  [['status', '--data-dir', '/d'], '/d'], [['--data-dir=/d', 'status'], '/d'], [['status'], undefined], [['status', '--data-dir'], undefined],
])('%j names the data folder %j', (args, named) => {
  expect(namedDataDir(args)).toBe(named);
});
