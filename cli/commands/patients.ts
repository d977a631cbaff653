import { callErrorText } from '../../shared/texts/call-errors.ts';
import { formatRelativeTime } from '../../shared/texts/format.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../failure.ts';
import { printable } from '../io.ts';
import { table } from '../table.ts';

/** A list of this age may lack somebody who came since. */
const oldMs = 10 * 60_000;

export async function patients(context: CommandContext, options: { search?: string; refresh?: boolean; limit: number }): Promise<number> {
  const found = await context.withEngine((engine) =>
    engine.call.searchPatients({ text: options.search ?? '', limit: options.limit, refresh: options.refresh ?? false }));
  const { texts, language } = context;
  // The list is a result all the same, so this is none of it.
  if (found.notRefreshed) context.io.stderr.write(`${texts.patients.notRefreshed(callErrorText(language, found.notRefreshed).what)}\n`);
  if (found.patients.length === 0) {
    context.print(texts.patients.none);
  } else {
    context.print(table(found.patients.map((patient) => [
      printable(patient.id), printable(patient.name), [patient.detail && printable(patient.detail), patient.missing && texts.patients.missing].filter(Boolean).join(' · '),
    ])));
    if (found.total > found.patients.length) context.print(texts.patients.more(found.patients.length, found.total));
    const now = Date.now();
    if (found.fetchedAt !== undefined && now - found.fetchedAt > oldMs) context.print(texts.patients.age(formatRelativeTime(language, found.fetchedAt, now)));
  }
  context.printJson('patients', found);
  return exitCodes.ok;
}
