import { expect, it } from '@jest/globals';
import { nextDigest, quietUntil } from './local-times.ts';

const berlin = (from: string, to: string) => ({ timeZone: 'Europe/Berlin', quietHours: { from, to } });
const at = (text: string) => new Date(text);

it('holds back until the end of the quiet hours, in the time zone, over midnight as well', () => {
  const night = berlin('22:00', '07:00');
  expect(quietUntil(at('2030-01-15T20:59:59Z'), night)).toBeUndefined();
  expect(quietUntil(at('2030-01-15T21:00:00Z'), night)).toBe('2030-01-16T06:00:00.000Z');
  expect(quietUntil(at('2030-01-16T05:59:59Z'), night)).toBe('2030-01-16T06:00:00.000Z');
  expect(quietUntil(at('2030-01-16T06:00:00Z'), night)).toBeUndefined();
  const noon = berlin('12:00', '13:30');
  expect(quietUntil(at('2030-01-15T11:30:00Z'), noon)).toBe('2030-01-15T12:30:00.000Z');
  expect(quietUntil(at('2030-01-15T12:30:00Z'), noon)).toBeUndefined();
  expect(quietUntil(at('2030-01-15T11:30:00Z'), { timeZone: 'UTC', quietHours: null })).toBeUndefined();
});

it('ends quiet hours at their local time in nights that are longer or shorter', () => {
  const night = berlin('22:00', '07:00');
  // Clocks go forward on 2030-03-31, back on 2030-10-27.
  expect(quietUntil(at('2030-03-30T22:00:00Z'), night)).toBe('2030-03-31T05:00:00.000Z');
  expect(quietUntil(at('2030-10-26T21:00:00Z'), night)).toBe('2030-10-27T06:00:00.000Z');
  // 02:30 is left out: it is an hour later.
  expect(quietUntil(at('2030-03-31T00:45:00Z'), berlin('01:30', '02:30'))).toBe('2030-03-31T01:30:00.000Z');
});

it('sends digests at a local time, on a day of the week', () => {
  const times = { timeZone: 'America/New_York', digestTime: '08:00', digestDay: 'MONDAY' } as const;
  // A Wednesday.
  expect(nextDigest('DAILY', at('2030-01-16T12:59:59Z'), times)).toBe('2030-01-16T13:00:00.000Z');
  expect(nextDigest('DAILY', at('2030-01-16T13:00:00Z'), times)).toBe('2030-01-17T13:00:00.000Z');
  expect(nextDigest('WEEKLY', at('2030-01-16T12:59:59Z'), times)).toBe('2030-01-21T13:00:00.000Z');
  expect(nextDigest('WEEKLY', at('2030-01-21T13:00:00Z'), times)).toBe('2030-01-28T13:00:00.000Z');
  expect(nextDigest('DAILY', at('2030-03-09T14:00:00Z'), times)).toBe('2030-03-10T12:00:00.000Z');
});
