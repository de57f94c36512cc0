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
  /** By key, a ring of what each step counted. */
  const rings = new Map(keys.map((key) => [key, Array.from({ length: SLOTS }, () => 0)]));
  let last = -Infinity;
  const current = (): number => {
    const at = Math.floor(now() / step);
    if (at === last) return at;
    for (let passed = Math.max(last + 1, at - SLOTS + 1); passed <= at; passed++)
      for (const ring of rings.values()) ring[passed % SLOTS] = 0;
    last = at;
    return at;
  };
  const ringOf = (key: K): number[] => rings.get(key) as number[];
  return {
    add: (key) => {
      const slot = current() % SLOTS;
      const ring = ringOf(key);
      ring[slot] = (ring[slot] as number) + 1;
    },
    count: (key) => {
      current();
      return ringOf(key).reduce((sum, counted) => sum + counted, 0);
    },
    clear: () => rings.forEach((ring) => ring.fill(0)),
  };
}
