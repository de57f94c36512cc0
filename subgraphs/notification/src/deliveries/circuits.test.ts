import { expect, it } from '@jest/globals';
import { measureCircuits } from '../metrics.ts';
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

it('counts those that nothing has got through to since, by channel, until nobody has tried for long', async () => {
  let now = 1_000;
  const circuits = createCircuits(100, () => now);
  const gauge = measureCircuits(['EMAIL', 'WEBHOOK', 'SMS'], circuits);
  const counts = async () =>
    Object.fromEntries((await gauge.get()).values.map(({ labels, value }) => [labels.channel, value]));
  const fail = (name: string, times: number) => {
    for (let i = 0; i < times; i += 1) circuits.leave(name, false);
  };
  fail('EMAIL', 5);
  for (const id of ['w1', 'w2', 'w3']) fail(`WEBHOOK ${id}`, 5);
  fail('SMS', 4);
  const all = { EMAIL: 1, WEBHOOK: 3, SMS: 0 };
  expect(await counts()).toEqual(all);
  // Tried again, and not there yet.
  now += 200;
  expect(await counts()).toEqual(all);
  circuits.enter('EMAIL');
  expect(await counts()).toEqual(all);
  circuits.leave('EMAIL', true);
  expect(await counts()).toEqual({ ...all, EMAIL: 0 });
  now += 29 * 3_600_000;
  fail('WEBHOOK w2', 1);
  now += 3_600_000;
  expect(await counts()).toEqual({ EMAIL: 0, WEBHOOK: 1, SMS: 0 });
});
