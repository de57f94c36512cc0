import { expect, it } from '@jest/globals';
import { createCircuits } from './circuits.ts';

it('lets nothing through for a while after five failures in a row, then one to see', () => {
  let now = 1_000;
  const circuits = createCircuits(100, () => now);
  const fail = (name: string) => {
    expect(circuits.enter(name)).toBe(true);
    circuits.leave(name, false);
  };
  for (let i = 0; i < 4; i += 1) fail('a');
  circuits.leave('a', true);
  for (let i = 0; i < 5; i += 1) fail('a');
  expect(circuits.enter('a')).toBe(false);
  expect(circuits.waitOf('a')).toBe(100);
  expect(circuits.blocked()).toEqual(['a']);
  expect(circuits.enter('b')).toBe(true);
  now += 100;
  expect([circuits.waitOf('a'), circuits.blocked()]).toEqual([0, []]);
  expect([circuits.enter('a'), circuits.enter('a')]).toEqual([true, false]);
  expect(circuits.blocked()).toEqual(['a']);
  circuits.leave('a', false);
  expect(circuits.waitOf('a')).toBe(100);
  now += 100;
  expect(circuits.enter('a')).toBe(true);
  circuits.leave('a', true);
  expect([circuits.enter('a'), circuits.enter('a')]).toEqual([true, true]);
});
