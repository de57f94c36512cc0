import { expect, it } from '@jest/globals';
import { atMost } from './limit.ts';

it('runs so many at once, in order, also after failures', async () => {
  const limit = atMost(2);
  const started: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const results = ends.map(({ promise }, i) =>
    limit(() => {
      started.push(i);
      return promise;
    }),
  );
  expect(started).toEqual([0, 1]);
  ends[1]?.reject(new Error('failed'));
  await expect(results[1]).rejects.toThrow('failed');
  expect(started).toEqual([0, 1, 2]);
  ends.forEach(({ resolve }, i) => resolve(i));
  expect(await Promise.all([results[0], results[2], results[3], results[4]])).toEqual([0, 2, 3, 4]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
  await expect(limit(async () => 'again')).resolves.toBe('again');
});
