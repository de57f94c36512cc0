/** How many tasks took how long: their number by bucket, as `completion_of` in the database has them. */
export type Histogram = ReadonlyMap<number, number>;

/** How much wider each bucket is than the one before. Bucket `i` ends at `WIDENING ** i` seconds. */
const WIDENING = 1.05;

/**
 * The seconds that so large a share of the tasks took at most (the nearest rank), from 0 to 1; undefined where there are
 * none. The middle of a bucket stands for what is in it, which is off by 2.5 % at most, or by a second.
 */
export function quantile(histogram: Histogram, share: number): number | undefined {
  const buckets = [...histogram].sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, tasks]) => sum + tasks, 0);
  const rank = Math.max(1, Math.ceil(total * share));
  let seen = 0;
  for (const [bucket, tasks] of buckets) {
    seen += tasks;
    if (seen >= rank) return bucket === 0 ? 1 : (2 * WIDENING ** bucket) / (WIDENING + 1);
  }
  return undefined;
}

/** All of them together. */
export function merged(histograms: Iterable<Histogram>): Histogram {
  const all = new Map<number, number>();
  for (const histogram of histograms)
    for (const [bucket, tasks] of histogram) all.set(bucket, (all.get(bucket) ?? 0) + tasks);
  return all;
}
