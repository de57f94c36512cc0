const SLOTS = 10;

/** Counts over the time that just passed. */
export type SlidingWindow<K extends string> = {
  add: (key: K) => void;
  /** How many were added within the window. */
  count: (key: K) => number;
  clear: () => void;
};

/** Counts the last `ms` milliseconds, in steps of a tenth of that. `now` gives milliseconds of a clock that only goes on. */
export function slidingWindow<K extends string>(
  ms: number,
  keys: readonly K[],
  now: () => number = () => performance.now(),
): SlidingWindow<K> {
  const step = ms / SLOTS;
  type Slot = { at: number; counts: Record<string, number> };
  const fresh = (at: number): Slot => ({ at, counts: Object.fromEntries(keys.map((key) => [key, 0])) });
  let slots: Slot[] = [];
  const current = (): number => {
    const at = Math.floor(now() / step);
    slots = slots.filter((slot) => slot.at > at - SLOTS);
    return at;
  };
  return {
    add: (key) => {
      const at = current();
      let slot = slots.at(-1);
      if (slot?.at !== at) slots.push((slot = fresh(at)));
      slot.counts[key] = (slot.counts[key] ?? 0) + 1;
    },
    count: (key) => {
      current();
      return slots.reduce((sum, { counts }) => sum + (counts[key] ?? 0), 0);
    },
    clear: () => (slots = []),
  };
}
