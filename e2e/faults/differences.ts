/** How often each thing is there. */
export type Counts = Map<string, number>;

/** Counts keys. */
export function countOf(keys: Iterable<string>): Counts {
  const counts: Counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** What is wrong with what was found in a place: a line, or none where it is what was expected. */
export function differences(place: string, expected: Counts, found: Counts): string[] {
  const keys = new Set([...expected.keys(), ...found.keys()]);
  const missing: string[] = [];
  const surplus: string[] = [];
  for (const key of keys) {
    const difference = (found.get(key) ?? 0) - (expected.get(key) ?? 0);
    if (difference < 0) missing.push(key);
    if (difference > 0) surplus.push(key);
  }
  const told = (what: string, some: string[]): string[] =>
    some.length === 0 ? [] : [`${place}: ${some.length} ${what}, such as ${some[0]}`];
  return [...told('missing', missing), ...told('too many', surplus)];
}
