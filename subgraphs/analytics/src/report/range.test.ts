import { describe, expect, it, jest } from '@jest/globals';
import { lastDays, rangeOf } from './range.ts';

const instant = (at: number): string => new Date(at).toISOString();
const good = { from: '2026-01-01', to: '2026-01-31', by: 'DAY', timeZone: 'UTC' } as const;

describe('periods', () => {
  it('are days as they are in the time zone, also where the clocks change', () => {
    const { periods, starts } = rangeOf({ ...good, from: '2026-03-28', to: '2026-03-30', timeZone: 'Europe/Berlin' });
    expect(periods.map(({ from, to }) => [from, to])).toEqual([
      ['2026-03-28', '2026-03-28'],
      ['2026-03-29', '2026-03-29'],
      ['2026-03-30', '2026-03-30'],
    ]);
    expect(starts.map(instant)).toEqual([
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
      '2026-03-30T22:00:00.000Z',
    ]);
  });

  it('begin where the day does, if there is no midnight', () => {
    const { starts } = rangeOf({ ...good, from: '2025-09-07', to: '2025-09-07', timeZone: 'America/Santiago' });
    expect(starts.map(instant)).toEqual(['2025-09-07T04:00:00.000Z', '2025-09-08T03:00:00.000Z']);
  });

  it('are as long as they were: a day that a country left out has no length', () => {
    const { starts } = rangeOf({ ...good, from: '2011-12-29', to: '2011-12-31', timeZone: 'Pacific/Apia' });
    expect(starts.map(instant)).toEqual([
      '2011-12-29T10:00:00.000Z',
      '2011-12-30T10:00:00.000Z',
      '2011-12-30T10:00:00.000Z',
      '2011-12-31T10:00:00.000Z',
    ]);
  });

  it('are weeks from Monday on, and end with the range', () => {
    const { periods } = rangeOf({ ...good, from: '2026-01-01', to: '2026-01-13', by: 'WEEK' });
    expect(periods).toEqual([
      { from: '2026-01-01', to: '2026-01-04' },
      { from: '2026-01-05', to: '2026-01-11' },
      { from: '2026-01-12', to: '2026-01-13' },
    ]);
  });

  it('are months, and end with the range', () => {
    const { periods, starts } = rangeOf({ ...good, from: '2028-01-31', to: '2028-03-01', by: 'MONTH' });
    expect(periods).toEqual([
      { from: '2028-01-31', to: '2028-01-31' },
      { from: '2028-02-01', to: '2028-02-29' },
      { from: '2028-03-01', to: '2028-03-01' },
    ]);
    expect(starts).toHaveLength(4);
  });

  it('are the last days, today in the time zone the last', () => {
    jest.useFakeTimers({ now: new Date('2030-03-01T00:30:00Z') });
    try {
      expect(lastDays(3, 'UTC')).toMatchObject({ from: '2030-02-27', to: '2030-03-01' });
      expect(lastDays(3, 'America/New_York')).toMatchObject({ from: '2030-02-26', to: '2030-02-28' });
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('wrong input', () => {
  it.each([
    [{ from: '2026-02-01' }, ['to']],
    [{ to: '2031-01-01' }, ['to']],
    [{ to: '2027-02-05' }, ['by']],
    [{ timeZone: 'Mars/Olympus' }, ['timeZone']],
    [{ timeZone: '+01:00' }, ['timeZone']],
    [{ from: '1972-12-31', to: '1973-01-01' }, ['from']],
    [{ from: '9999-12-31', to: '9999-12-31' }, ['from', 'to']],
    [{ from: '2026-02-01', timeZone: '' }, ['timeZone', 'to']],
  ])('%j is told by its fields', (wrong, fields) => {
    let error: unknown;
    try {
      rangeOf({ ...good, ...wrong });
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', fields: fields.map((field) => ({ field })) },
    });
  });

  it('is not what is as long as may be', () => {
    expect(rangeOf({ ...good, to: '2027-02-04' }).periods).toHaveLength(400);
    expect(rangeOf({ ...good, to: '2030-12-31', by: 'WEEK' }).periods).toHaveLength(262);
  });

  it('is a time zone for the last days as well', () => {
    expect(() => lastDays(3, 'nowhere')).toThrow('timeZone: must be an IANA time zone');
  });
});
