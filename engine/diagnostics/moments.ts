/** Six photos in flight lose their connections within a second or two, and it was one event. */
const oneMomentMs = 5000;

/**
 * When each moment began: what came within five seconds of a moment's beginning belongs to it. A pattern is counted in
 * these, never in photos, for one event meets every photo that is under way.
 *
 * @param times in milliseconds, in any order
 */
export function momentsOf(times: readonly number[]): number[] {
  const beginnings: number[] = [];
  for (const at of times.toSorted((one, other) => one - other)) {
    const last = beginnings.at(-1);
    if (last === undefined || at - last > oneMomentMs) beginnings.push(at);
  }
  return beginnings;
}
