import { expect, it } from '@jest/globals';
import { faults } from './faults.ts';
import { parseOptions, usage } from './options.ts';

it('without options every fault is wanted, and some more in an order that a seed repeats', () => {
  const { seed, ...options } = parseOptions([]);
  expect(options).toEqual({ help: false, only: [], subscribers: 200, users: 10, random: 10 });
  expect(Number.isInteger(seed)).toBe(true);
  expect(parseOptions(['--seed', '7'])).toMatchObject({ seed: 7 });
});

it('with --only nothing is drawn besides, unless that is said too', () => {
  expect(parseOptions(['--only', 'kafka,postgres'])).toMatchObject({ only: ['kafka', 'postgres'], random: 0 });
  expect(parseOptions(['--only', 'kafka', '--random', '3'])).toMatchObject({ random: 3 });
});

it.each([
  [['--only', 'kafak'], /kafak/],
  [['--users', '0'], /--users 0/],
  [['--subscribers', 'many'], /--subscribers many/],
  [['--sede', '1'], /--sede/],
])('%j is refused by name', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});

it('each fault has a name of its own, which the usage tells', () => {
  const names = faults.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(usage).toContain(name);
});
