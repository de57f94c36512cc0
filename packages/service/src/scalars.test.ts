import { expect, it } from '@jest/globals';
import { DateTime } from './scalars.ts';

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
