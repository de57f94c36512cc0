/** How many tasks took how long: their number at the place of their bucket, as `completion_of` in the database has them. */
export type Histogram = readonly (number | undefined)[];

/** How much wider each bucket is than the one before. Bucket `i` ends at `WIDENING ** i` seconds. */
const WIDENING = 1.05;

/**
 * The seconds that so large a share of the tasks took at most (the nearest rank), from 0 to 1, for each of the shares, which
 * ascend; undefined where there are no tasks. The middle of a bucket stands for what is in it, which is off by 2.5 % at
 * most, or by a second.
 */
export function quantiles(histogram: Histogram, shares: readonly number[]): number[] | undefined {
  let total = 0;
  for (const tasks of histogram) total += tasks ?? 0;
  if (total === 0) return undefined;
  let bucket = -1;
  let seen = 0;
  return shares.map((share) => {
    const rank = Math.max(1, Math.ceil(total * share));
    while (seen < rank) seen += histogram[(bucket += 1)] ?? 0;
    return bucket === 0 ? 1 : (2 * WIDENING ** bucket) / (WIDENING + 1);
  });
}

/** All of them together. */
export function merged(histograms: Iterable<Histogram>): Histogram {
  const all: number[] = [];
  for (const histogram of histograms)
    for (let bucket = 0; bucket < histogram.length; bucket += 1)
      all[bucket] = (all[bucket] ?? 0) + (histogram[bucket] ?? 0);
  return all;
}
