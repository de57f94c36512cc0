import { expect, it } from '@jest/globals';
import { streaksOf } from './streaks.ts';

it.each([
  [[], 0, 0],
  [[9], 1, 1],
  [[8], 1, 1],
  [[7], 0, 1],
  [[1, 2, 3, 5, 8, 9], 2, 3],
  [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10, 10],
  [[6, 7, 8], 3, 3],
])('of the days %j, today the tenth', (active, current, longest) => {
  expect(streaksOf(active, 9)).toEqual({ current, longest });
});
