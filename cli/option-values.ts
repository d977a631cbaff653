/** @file What the values of options and arguments may be. What they may not be is told with the option's name and with what is allowed. */
import { prioritySchema, type Priority } from '../shared/domain/upload.ts';
import type { CommandLineTexts } from '../shared/texts/command-line.ts';
import { CommandFailure, exitCodes } from './failure.ts';

export const noteLength = 2000;
export const tagLength = 100;
export const tagCount = 20;
const secondsAtMost = 86_400;

export function wrongUsage(message: string): CommandFailure {
  return new CommandFailure('usage', message, exitCodes.usage);
}

/**
 * A script whose variable is not set gives an empty text, and an empty path is the folder in which the command runs: nobody means that.
 *
 * @param name of the option or argument
 * @throws CommandFailure
 */
export function notEmpty(texts: CommandLineTexts, name: string, value: string): string {
  if (value === '') throw wrongUsage(texts.usage.emptyValue(name));
  return value;
}

/** For each kind of value, what reads it; commander calls these with the text that was given. */
export function optionValues(texts: CommandLineTexts) {
  const { usage } = texts;
  const refused = (name: string, allowed: string): CommandFailure => wrongUsage(`${usage.wrongValue(name)} ${allowed}`);
  return {
    given: (name: string) => (text: string): string => notEmpty(texts, name, text),

    text: (name: string, most: number, least = 0) => (text: string): string => {
      if (text.length < least) throw wrongUsage(usage.emptyValue(name));
      if (text.length > most) throw refused(name, usage.lengthAllowed(most));
      return text;
    },

    tags: (name: string) => (tag: string, before: string[] | undefined): string[] => {
      const tags = [...before ?? [], tag];
      if (tag.length > tagLength) throw refused(name, usage.lengthAllowed(tagLength));
      if (tags.length > tagCount) throw wrongUsage(usage.timesAllowed(name, tagCount));
      return tags;
    },

    integer: (name: string, least: number, most: number) => (text: string): number => {
      const value = Number(text);
      if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) throw refused(name, usage.numberAllowed(least, most));
      return value;
    },

    seconds: (name: string) => (text: string): number => {
      const value = Number(text);
      if (!(value > 0 && value <= secondsAtMost)) throw refused(name, usage.secondsAllowed(secondsAtMost));
      return value;
    },

    priority: (name: string) => (text: string): Priority => {
      const parsed = prioritySchema.safeParse(text);
      if (!parsed.success) throw refused(name, usage.oneOf(prioritySchema.options));
      return parsed.data;
    },
  };
}
