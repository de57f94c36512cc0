/** Runs what it is given as soon as fewer than the limit are under way, in the order in which it was given. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

/** Runs `work` for each item, so many at once. After a failure, which rejects, what runs goes on with what is left. */
export async function forEach<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}

/** What waits is kept, so whoever asks must be bounded: the deliveries of a sidecar, the requests of a server. */
export function atMost(max: number): Limit {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return async (work) => {
    if (underWay < max) underWay += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Whoever comes next takes this one's place.
      const next = waiting.shift();
      if (next) next();
      else underWay -= 1;
    }
  };
}
