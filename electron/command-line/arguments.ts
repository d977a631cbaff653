/**
 * @file Whether the app was started to run a command, and which.
 *
 * [Note: what is a command] What follows `--` is one, whatever it is: a mistyped name is then told as wrong usage and opens no window. So the
 * launchers in `resources/bin` write it, and Chromium takes nothing behind it for a switch of its own, nor does Electron end on Windows
 * because an option follows an address. Without it the first word must be a command's name. A link (`relevo://…`) never is one: any web page
 * can send it, and what came after it would be the page's choice.
 */
import { resolve } from 'node:path';
import { commandNames } from '../../cli/command-names.ts';
import { isLink } from '../main/deep-link.ts';

const separator = '--';
const about: ReadonlySet<string> = new Set(['-h', '--help', '-V', '--version']);

/**
 * The app's own arguments among those of its process.
 *
 * @param appFolder where the app is started from a folder, as a source checkout is: what comes before it is Electron's
 */
export function ownArguments(argv: readonly string[], appFolder: string | undefined): readonly string[] {
  const own = argv.slice(1);
  if (appFolder === undefined) return own;
  return own.slice(own.findIndex((argument) => !argument.startsWith('-') && resolve(argument) === resolve(appFolder)) + 1);
}

/** @returns the command with its options; undefined where a window is asked for. See [Note: what is a command]. */
export function commandIn(args: readonly string[]): readonly string[] | undefined {
  for (const [place, argument] of args.entries()) {
    if (argument === separator) return isLink(args[place + 1] ?? '') ? undefined : args.slice(place + 1);
    if (about.has(argument)) return args.slice(place);
    // Chromium's switches, and what the system adds when it starts an app.
    if (argument.startsWith('-')) continue;
    return commandNames.has(argument) ? args.slice(place) : undefined;
  }
  return undefined;
}

/** The data folder that a command names; undefined where it names none. */
export function namedDataDir(args: readonly string[]): string | undefined {
  const place = args.findIndex((argument) => argument === '--data-dir' || argument.startsWith('--data-dir='));
  if (place < 0) return undefined;
  return args[place] === '--data-dir' ? args[place + 1] : args[place]!.slice('--data-dir='.length);
}
