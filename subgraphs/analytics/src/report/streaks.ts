/**
 * Days in a row: the longest, and the one that reaches up to the last day, or to the day before it.
 * @param active places of days on which something was done, ascending
 * @param last the place of the last day
 */
export function streaksOf(active: readonly number[], last: number): { current: number; longest: number } {
  let longest = 0;
  let run = 0;
  active.forEach((day, i) => {
    run = day - 1 === active[i - 1] ? run + 1 : 1;
    longest = Math.max(longest, run);
  });
  const end = active.at(-1);
  return { current: end !== undefined && end >= last - 1 ? run : 0, longest };
}
