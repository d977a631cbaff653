import { formatRelativeTime } from '../../shared/texts/format.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../failure.ts';
import { printable } from '../io.ts';
import { table } from '../table.ts';

export async function people(context: CommandContext): Promise<number> {
  const { people: known } = await context.withEngine((engine) => engine.call.getPeople());
  const now = Date.now();
  context.print(known.length === 0 ? context.texts.people.none : table(known.map(({ person, gateway, lastSignedInAt, waiting }) => [
    printable(person.name), printable(person.email), printable(gateway), formatRelativeTime(context.language, lastSignedInAt, now), context.texts.people.waiting(waiting),
  ])));
  context.printJson('people', { people: [...known] });
  return exitCodes.ok;
}
