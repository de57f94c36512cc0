import { expect, test } from '@jest/globals';
import { atLeast118 } from './binaries.ts';
import { progressLine } from './build.ts';

test.each([
  ['1.18.0', true],
  ['1.18.0-rc.3', true],
  ['2.0.1', true],
  ['1.17.9', false],
  ['edge', false],
])('daprd %s will do: %s', (version, will) => {
  expect(atLeast118(version)).toBe(will);
});

test('a build says what it does and for how long', () => {
  const line = progressLine(0);
  line.downloaded('go: downloading example.com/a v1.0.0');
  expect(line.text(5000)).toBe('  Dapr: 1 modules downloaded, 0:05');
  line.total(2524);
  line.compiled('example.com/a');
  line.compiled('go: something else');
  expect(line.text(75_000)).toBe('  Dapr: 1 of 2524 packages compiled, 1:15');
});
