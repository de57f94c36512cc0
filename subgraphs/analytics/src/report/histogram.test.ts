import { expect, it } from '@jest/globals';
import { sampling } from '@todo/service/testing/sampling';
import fc from 'fast-check';
import { merged, quantiles } from './histogram.ts';

/** As the database does it. */
const bucketOf = (seconds: number): number => Math.ceil(Math.log(Math.max(1, seconds)) / Math.log(1.05));
const histogramOf = (all: number[]): number[] => {
  const histogram: number[] = [];
  for (const bucket of all.map(bucketOf)) histogram[bucket] = (histogram[bucket] ?? 0) + 1;
  return histogram;
};
const shares = [0, 0.5, 0.9, 0.99, 1];
const seconds = fc.array(fc.double({ min: 1, max: 3e9, noNaN: true }), { minLength: 1, maxLength: 200 });

it('is off by 2.5 % at most from what is at that rank', () => {
  fc.assert(
    fc.property(seconds, (all) => {
      const found = quantiles(histogramOf(all), shares) as number[];
      for (const [i, share] of shares.entries()) {
        const exact = all.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(all.length * share) - 1)] as number;
        expect(Math.abs((found[i] as number) - exact)).toBeLessThanOrEqual(Math.max(1, 0.025 * exact));
      }
    }),
    sampling(100),
  );
});

it('of parts put together is that of the whole', () => {
  fc.assert(
    fc.property(seconds, seconds, (a, b) => {
      expect(quantiles(merged([histogramOf(a), histogramOf(b)]), shares)).toEqual(
        quantiles(histogramOf([...a, ...b]), shares),
      );
    }),
    sampling(100),
  );
});

it('of nothing is nothing', () => {
  expect(quantiles([], shares)).toBeUndefined();
});
