import { expect, it } from '@jest/globals';
import { DateTime, Duration } from './scalars.ts';

it('turns any offset into UTC', () => {
  expect(DateTime.parseValue('2030-03-01T10:00:00+02:00')).toBe('2030-03-01T08:00:00.000Z');
  expect(DateTime.serialize(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
});

it.each([
  '2030-03-01',
  '2030-03-01T10:00:00',
  '2030-02-30T10:00:00Z',
  'tomorrow',
  '',
  5,
  null,
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59-12:00',
])('refuses %j', (value) => {
  expect(() => DateTime.parseValue(value)).toThrow(/RFC 3339/);
});

it.each([
  ['PT0S', 0, 'PT0S'],
  ['PT30M', 1_800_000, 'PT30M'],
  ['PT90M', 5_400_000, 'PT1H30M'],
  ['P1W', 604_800_000, 'P7D'],
  ['P1DT2H3M4S', 93_784_000, 'P1DT2H3M4S'],
  ['P366D', 31_622_400_000, 'P366D'],
])('takes the duration %s as %i ms', (text, ms, canonical) => {
  expect(Duration.parseValue(text)).toBe(ms);
  expect(Duration.serialize(ms)).toBe(canonical);
});

it.each(['', 'P', 'PT', 'P1DT', 'P1M', 'P1Y', 'PT1.5H', '-PT1H', 'PT1S2M', 'P1W1D', 'P367D', 'pt1h', '1h', 60, null])(
  'refuses the duration %j',
  (value) => {
    expect(() => Duration.parseValue(value)).toThrow(/ISO 8601/);
  },
);
