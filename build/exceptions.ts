/** @file Exceptions from a rule of the build: each named, with a reason, and with a day on which it ends. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** Longer than this nobody remembers why. */
const longestDays = 184;

const shape = { package: z.string().min(1), reason: z.string().min(20), date: z.iso.date(), until: z.iso.date() };
const notTooLong = ({ date, until }: { date: string; until: string }): boolean => {
  const days = (Date.parse(until) - Date.parse(date)) / 86_400_000;
  return days > 0 && days <= longestDays;
};
const message = `\`until\` must be after \`date\`, and within ${longestDays} days of it`;

/** A known weakness of a package that we live with for now; `id` is its GHSA number. */
export const advisoryExceptionSchema = z.strictObject({ id: z.string().regex(/^GHSA(-[0-9a-z]{4}){3}$/), ...shape }).refine(notTooLong, message);
export type AdvisoryException = z.infer<typeof advisoryExceptionSchema>;

/** A licence that is not on the list, accepted for one package. */
export const licenceExceptionSchema = z.strictObject({ licence: z.string().min(1), ...shape }).refine(notTooLong, message);
export type LicenceException = z.infer<typeof licenceExceptionSchema>;

/** @throws if the file is not a list of such exceptions. */
export async function readExceptions<T>(file: string, schema: z.ZodType<T>): Promise<T[]> {
  return z.array(schema).parse(JSON.parse(await readFile(file, 'utf8')));
}

/** @param today as in `2026-11-22` */
export function hasEnded({ until }: { until: string }, today: string): boolean {
  return until < today;
}
