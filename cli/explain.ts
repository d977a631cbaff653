import { ZodError } from 'zod';
import { DataKeyError } from '../engine/data-folder/data-key.ts';
import { NoHomeFolder } from '../engine/data-folder/default-data-dir.ts';
import { DataFolderInUse } from '../engine/data-folder/lock-holder.ts';
import { ForeignFolder } from '../engine/data-folder/whose-folder.ts';
import { DatabaseError } from '../engine/queue/database-error.ts';
import { CallError } from '../shared/rpc/call-error.ts';
import { callErrorText } from '../shared/texts/call-errors.ts';
import { commandLineTexts } from '../shared/texts/command-line.ts';
import type { Language } from '../shared/texts/language.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import { printable } from './io.ts';

/** The reason of an end by Ctrl-C or a signal. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** What a command failed with, in words and as an exit code. What nobody foresaw is `internal`, and its own text is not shown. */
export function explain(error: unknown, language: Language): CommandFailure {
  const texts = commandLineTexts(language);
  if (error instanceof CommandFailure) return error;
  if (error instanceof Interrupted) return new CommandFailure('interrupted', texts.interrupted, exitCodes.interrupted);
  // Whichever of its files the disk has no room for, it is the same to a person.
  if (error instanceof DataKeyError) return error.reason === 'disk-full' ? new CommandFailure('database-disk-full', texts.database['disk-full']) : new CommandFailure(`key-${error.reason}`, texts.key[error.reason]);
  if (error instanceof DataFolderInUse) return new CommandFailure('data-folder-in-use', texts.inUse(error.holder));
  if (error instanceof NoHomeFolder) return new CommandFailure('no-home-folder', texts.usage.noHome);
  if (error instanceof ForeignFolder) return new CommandFailure('data-folder-foreign', texts.foreignFolder(printable(error.directory)));
  if (error instanceof DatabaseError) return new CommandFailure(`database-${error.reason}`, texts.database[error.reason]);
  if (error instanceof CallError) {
    const { what, next } = callErrorText(language, error.code);
    return new CommandFailure(error.code, `${what} ${next}`, error.code === 'invalid-input' ? exitCodes.usage : exitCodes.failed);
  }
  if (error instanceof ZodError) return new CommandFailure('invalid-input', callErrorText(language, 'invalid-input').what, exitCodes.usage);
  const { what, next } = callErrorText(language, 'internal');
  return new CommandFailure('internal', `${what} ${next}`);
}
