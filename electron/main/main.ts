/**
 * @file The main process. Shuts the doors that stay shut whatever it does, and then shows the window, or runs the command that it was started
 * with.
 */
import { pathToFileURL } from 'node:url';
import { app } from 'electron';
import { commandIn, ownArguments } from '../command-line/arguments.ts';
import { lockApp, registerAppScheme } from './content-policy.ts';
import { startDesktop } from './desktop.ts';
import { createMainLog } from './main-log.ts';
import { commandLineFile } from './places.ts';
import { refuseSwitches } from './refused-switches.ts';

const log = createMainLog();
// Chromium cannot sandbox root's processes. That happens where it is tested and built, and there it must be asked for by name.
const rootWithoutSandbox = process.getuid?.() === 0 && app.commandLine.hasSwitch('no-sandbox');
if (!rootWithoutSandbox) app.enableSandbox();
registerAppScheme();
lockApp();
if (app.isPackaged) refuseSwitches(log);

const command = commandIn(ownArguments(process.argv, app.isPackaged ? undefined : app.getAppPath()));
if (command) {
  // Waited for: Electron is not ready before this file is done, and some of what a command needs must be said before.
  const { runCommand } = await import(pathToFileURL(commandLineFile).href) as typeof import('../command-line/command-line.ts');
  runCommand(command);
} else {
  startDesktop(log);
}
