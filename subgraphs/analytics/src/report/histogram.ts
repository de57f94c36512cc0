/** How many tasks took how long: their number at the place of their bucket, as `completion_of` in the database has them. */
export type Histogram = readonly (number | undefined)[];

/** How much wider each bucket is than the one before. Bucket `i` ends at `WIDENING ** i` seconds. */
const WIDENING = 1.05;

/**
 * The seconds that so large a share of the tasks took at most (the nearest rank), from 0 to 1; undefined where there are
 * none. The middle of a bucket stands for what is in it, which is off by 2.5 % at most, or by a second.
 */
export function quantile(histogram: Histogram, share: number): number | undefined {
  const total = histogram.reduce<number>((sum, tasks) => sum + (tasks ?? 0), 0);
  const rank = Math.max(1, Math.ceil(total * share));
  let seen = 0;
  for (const [bucket, tasks] of histogram.entries()) {
    seen += tasks ?? 0;
    if (seen >= rank) return bucket === 0 ? 1 : (2 * WIDENING ** bucket) / (WIDENING + 1);
  }
  return undefined;
}

/** All of them together. */
export function merged(histograms: Iterable<Histogram>): Histogram {
  const all: number[] = [];
  for (const histogram of histograms)
    histogram.forEach((tasks, bucket) => (all[bucket] = (all[bucket] ?? 0) + (tasks ?? 0)));
  return all;
}
