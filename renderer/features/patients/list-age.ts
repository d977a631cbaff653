import type { Wording } from '../../texts/texts-context.tsx';

/** The engine refreshes its list by itself long before; older means that it could not. */
const oldAfterMs = 10 * 60_000;

/** How old the list is, where somebody should know: a new patient may be missing from it. */
export function listAge(wording: Wording, { fetchedAt, offline, now }: { fetchedAt: number | undefined; offline: boolean; now: number }): string | undefined {
  const { patients } = wording.t;
  if (fetchedAt === undefined) return offline ? patients.listOffline(patients.listNever) : undefined;
  if (!offline && now - fetchedAt < oldAfterMs) return undefined;
  const isToday = new Date(fetchedAt).toDateString() === new Date(now).toDateString();
  const clock = wording.clock(fetchedAt, now);
  const list = isToday ? patients.listOfToday(clock) : patients.listOf(clock);
  return offline ? patients.listOffline(list) : list;
}
