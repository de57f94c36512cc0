import { expect, test } from '@jest/globals';
import { selectorsOf } from './promql.ts';

const read = (expression: string) =>
  selectorsOf(expression).map(({ metric, labels }) => [metric, [...labels].toSorted()]);

test.each([
  ['up', [['up', []]]],
  ['rate(a_total{b="1", c!~"x|y"}[5m])', [['a_total', ['b', 'c']]]],
  ['sum by (d) (rate(a_total{b="by (z)"}[$__rate_interval])) > 1', [['a_total', ['b', 'd']]]],
  ['sum without (d) (a)', [['a', []]]],
  [
    'max by (x) (a) / on (x, y) group_left (z) b{c=""}',
    [
      ['a', ['x', 'y']],
      ['b', ['c', 'x', 'y']],
    ],
  ],
  [
    'a and ignoring (x) b unless on (y) c',
    [
      ['a', ['y']],
      ['b', ['y']],
      ['c', ['y']],
    ],
  ],
  ['histogram_quantile(0.9, sum by (le) (rate(a_bucket[1h]))) or vector(0)', [['a_bucket', ['le']]]],
  [
    'sum by (x) (label_replace(a, "x", "$1", "y", "(.*)")) + sum by (x) (b)',
    [
      ['a', []],
      ['b', ['x']],
    ],
  ],
  ['gateway:failures:ratio_rate1h{namespace="$namespace"} / 0.001', [['gateway:failures:ratio_rate1h', ['namespace']]]],
])('%s', (expression, selectors) => {
  expect(read(expression)).toEqual(selectors);
});

test.each([
  ['sum by (a', /no PromQL/],
  ['rate(a[5m]) >', /no PromQL/],
  ['nosuchfunction(a)', /no PromQL/],
  ['{__name__=~"a.*"}', /a selector without a metric/],
  ['', /no PromQL/],
])('%p is refused', (expression, message) => {
  expect(() => selectorsOf(expression)).toThrow(message);
});
