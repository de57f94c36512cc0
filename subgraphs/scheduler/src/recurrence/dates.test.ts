import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sampling } from '@todo/service/testing/sampling';
import fc from 'fast-check';
import { nextAfter, preview as previewWithin, type Schedule, startOf } from './dates.ts';

/** However long it takes here. */
const preview = (of: Schedule, count: number): string[] => previewWithin(of, count, Number.POSITIVE_INFINITY);

const schedule = (rule: string, start: string, timeZone = 'Europe/Berlin', exceptDates: string[] = []): Schedule => ({
  rule,
  timeZone,
  start: new Date(start).toISOString(),
  exceptDates: exceptDates.map((date) => new Date(date).toISOString()),
});
/** Dates as their time zone's wall shows them. */
const local = (dates: string[], timeZone = 'Europe/Berlin'): string[] => {
  const format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return dates.map((date) => format.format(new Date(date)));
};

type Case = { rule: string; timeZone: string; start: string; dates: string[] };
/** 600 generated rules and their dates by python-dateutil, made by fixtures/generate.py. */
const cases = JSON.parse(readFileSync(new URL('fixtures/dateutil.json', import.meta.url), 'utf8')) as Case[];
const iso = (text: string): string => text.replace(/^(....)(..)(..)T(..)(..)Z$/, '$1-$2-$3T$4:$5:00.000Z');
const of = ({ rule, timeZone, start }: Case): Schedule => schedule(rule, iso(start), timeZone);

it('gives the dates that python-dateutil gives, for 600 generated rules in 12 time zones', () => {
  expect(cases).toHaveLength(600);
  for (const one of cases) {
    const got = preview(of(one), 25).filter((date) => date < '2100');
    expect({ ...one, dates: got }).toEqual({ ...one, dates: one.dates.map(iso) });
  }
});

describe('properties', () => {
  /** Enough beside the 600, and quick on a busy machine. */
  const RUNS = 25;
  const anyCase = fc.constantFrom(...cases.filter(({ dates }) => dates.length > 2));

  it('step by step gives what the preview gives, and an end where it ends', () => {
    fc.assert(
      fc.property(anyCase, fc.integer({ min: 1, max: 25 }), (one, count) => {
        const all = preview(of(one), count);
        const start = startOf(of(one));
        const steps = all[0] === start.date ? [start.date] : [];
        for (let place = nextAfter(of(one), start, start.date); place && steps.length < count;) {
          steps.push(place.date);
          place = nextAfter(of(one), place, place.date);
        }
        expect(steps).toEqual(all);
      }),
      sampling(RUNS),
    );
  });

  it('passing over dates at once gives what passing over them one by one gives', () => {
    fc.assert(
      fc.property(anyCase, fc.nat(24), fc.nat(24), (one, from, to) => {
        const steps = [startOf(of(one))];
        for (
          let place = steps[0];
          place && steps.length < 26;
          place = nextAfter(of(one), place, place.date) ?? undefined
        )
          if (place !== steps[0]) steps.push(place);
        const place = steps[Math.min(from, steps.length - 1)];
        const after = steps[Math.min(Math.max(from, to), steps.length - 1)];
        if (!place || !after) throw new Error('a schedule has a start');
        expect(nextAfter(of(one), place, after.date)).toEqual(nextAfter(of(one), after, after.date));
      }),
      sampling(RUNS),
    );
  });

  it('exception dates are left out, and nothing else is', () => {
    fc.assert(
      fc.property(anyCase, fc.uniqueArray(fc.nat(9), { maxLength: 9 }), (one, indices) => {
        const all = preview(of(one), 25);
        const exceptDates = indices.flatMap((index) => all[index] ?? []);
        const left = preview({ ...of(one), exceptDates }, 25 - exceptDates.length);
        expect(left).toEqual(all.filter((date) => !exceptDates.includes(date)).slice(0, left.length));
        expect(left.length).toBe(all.length - exceptDates.length);
      }),
      sampling(RUNS),
    );
  });

  it('a day has one date at its wall-clock time, whatever the offset does', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca');
    const starts = fc.date({ min: new Date('2000-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(zones, starts, fc.integer({ min: 4, max: 22 }), (zone, start, hour) => {
        const rule = `FREQ=DAILY;BYHOUR=${hour};BYMINUTE=30`;
        const dates = local(preview(schedule(rule, start.toISOString(), zone), 40), zone);
        expect(new Set(dates.map((date) => date.slice(11)))).toEqual(new Set([`${String(hour).padStart(2, '0')}:30`]));
        const days = dates.map((date) => Date.parse(`${date.slice(0, 10)}T00:00Z`) / 86_400_000);
        expect(days).toEqual(days.map((_, i) => (days[0] as number) + i));
      }),
      sampling(RUNS),
    );
  });
});

describe('changes of offset', () => {
  it('09:00 stays 09:00', () => {
    const dates = preview(schedule('FREQ=WEEKLY', '2026-03-22T09:00+01:00'), 2);
    expect(dates).toEqual(['2026-03-22T08:00:00.000Z', '2026-03-29T07:00:00.000Z']);
  });

  it('a time that a day leaves out is as much later, on that day only', () => {
    const dates = preview(schedule('FREQ=DAILY', '2026-03-28T02:30+01:00'), 3);
    expect(local(dates)).toEqual(['2026-03-28 02:30', '2026-03-29 03:30', '2026-03-30 02:30']);
  });

  it('in order, and each instant once, where a gap moves a time to or behind another', () => {
    const dates = preview(schedule('FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30,45', '2026-03-29T00:00+01:00'), 4);
    expect(local(dates)).toEqual(['2026-03-29 03:00', '2026-03-29 03:30', '2026-03-29 03:45', '2026-03-30 02:00']);
  });

  it('of a time that comes twice the first counts', () => {
    const dates = preview(schedule('FREQ=DAILY', '2026-10-24T02:30+02:00'), 3);
    expect(dates).toEqual(['2026-10-24T00:30:00.000Z', '2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']);
  });

  it('half an hour, in Lord Howe', () => {
    const dates = preview(schedule('FREQ=DAILY', '2026-10-03T02:15+10:30', 'Australia/Lord_Howe'), 3);
    expect(local(dates, 'Australia/Lord_Howe')).toEqual(['2026-10-03 02:15', '2026-10-04 02:45', '2026-10-05 02:15']);
  });

  it('twice around Ramadan, in Casablanca', () => {
    const dates = preview(schedule('FREQ=WEEKLY', '2025-02-16T09:00+01:00', 'Africa/Casablanca'), 9);
    expect(dates.map((date) => date.slice(5, 13))).toEqual([
      '02-16T08',
      '02-23T09',
      '03-02T09',
      '03-09T09',
      '03-16T09',
      '03-23T09',
      '03-30T09',
      '04-06T08',
      '04-13T08',
    ]);
  });

  it('a day that was left out where the date line moved falls on the next', () => {
    const dates = preview(schedule('FREQ=DAILY', '2011-12-29T09:00-10:00', 'Pacific/Apia'), 3);
    expect(local(dates, 'Pacific/Apia')).toEqual(['2011-12-29 09:00', '2011-12-31 09:00', '2012-01-01 09:00']);
  });
});

describe('what RFC 5545 says', () => {
  it.each([
    ['a month without the day is passed over', 'FREQ=MONTHLY', '2026-01-31', ['01-31', '03-31', '05-31']],
    ['the last day of each month', 'FREQ=MONTHLY;BYMONTHDAY=-1', '2026-01-31', ['01-31', '02-28', '03-31']],
    ['February 29 comes in leap years', 'FREQ=YEARLY', '2024-02-29', ['2024-02-29', '2028-02-29', '2032-02-29']],
    [
      'WKST decides which weeks are every second',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU',
      '1997-08-05',
      ['08-05', '08-17', '08-19'],
    ],
    [
      'the last working day',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      '2026-01-01',
      ['01-30', '02-27', '03-31'],
    ],
    ['Friday the 13th', 'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13', '2026-01-01', ['02-13', '03-13', '11-13']],
    [
      'a week belongs to WKST, not to the start',
      'FREQ=WEEKLY;BYDAY=TU,TH;BYSETPOS=1',
      '2026-01-01',
      ['01-06', '01-13', '01-20'],
    ],
    [
      'a week of two years belongs to one',
      'FREQ=YEARLY;BYWEEKNO=52;BYDAY=FR;WKST=SU',
      '2026-12-01',
      ['2027-01-01', '2027-12-31', '2028-12-29'],
    ],
  ])('%s', (_, rule, start, dates) => {
    const got = local(preview(schedule(rule, `${start}T09:00Z`, 'UTC'), 3), 'UTC');
    expect(got.map((date) => date.slice(0, 10))).toEqual(
      dates.map((date) => expect.stringMatching(new RegExp(`${date}$`))),
    );
  });

  it('UNTIL is a date still; COUNT counts exception dates', () => {
    expect(preview(schedule('FREQ=DAILY;UNTIL=20260103T080000Z', '2026-01-01T09:00+01:00'), 9)).toHaveLength(3);
    expect(preview(schedule('FREQ=DAILY;UNTIL=20260103T075959Z', '2026-01-01T09:00+01:00'), 9)).toHaveLength(2);
    const except = schedule('FREQ=DAILY;COUNT=3', '2026-01-01T09:00Z', 'UTC', ['2026-01-02T09:00Z']);
    expect(preview(except, 9)).toEqual(['2026-01-01T09:00:00.000Z', '2026-01-03T09:00:00.000Z']);
  });

  it('a start that the rule does not have is not counted', () => {
    const mondays = schedule('FREQ=WEEKLY;BYDAY=MO;COUNT=2', '2026-01-01T09:00Z', 'UTC');
    expect(startOf(mondays)).toEqual({ date: '2026-01-01T09:00:00.000Z', left: 2 });
    expect(startOf({ ...mondays, start: '2026-01-05T09:00:00.000Z' })).toEqual({
      date: '2026-01-05T09:00:00.000Z',
      left: 1,
    });
    expect(preview(mondays, 9)).toEqual(['2026-01-05T09:00:00.000Z', '2026-01-12T09:00:00.000Z']);
  });
});

describe('work is bounded', () => {
  it.each([
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=HOURLY;INTERVAL=24;BYHOUR=10',
    'FREQ=MONTHLY;BYDAY=FR;BYSETPOS=6',
    'FREQ=WEEKLY;BYDAY=TU;BYSETPOS=-2,2',
    'FREQ=YEARLY;BYYEARDAY=1;BYWEEKNO=30;COUNT=5',
  ])('%s never gives a date, and says so', (rule) => {
    expect(preview(schedule(rule, '2026-01-01T09:00Z', 'UTC'), 100)).toEqual([]);
    const start = startOf(schedule(rule, '2026-01-01T09:00Z', 'UTC'));
    expect(nextAfter(schedule(rule, '2026-01-01T09:00Z', 'UTC'), start, start.date)).toBeNull();
  });

  it('a leap day is found among years, months, days and hours', () => {
    for (const freq of ['YEARLY', 'MONTHLY', 'DAILY', 'HOURLY']) {
      const leap = schedule(`FREQ=${freq};BYMONTH=2;BYMONTHDAY=29;BYHOUR=9`, '2097-01-01T09:00Z', 'UTC');
      expect(preview(leap, 1)).toEqual(['2104-02-29T09:00:00.000Z']);
    }
  });

  it('a preview that takes too long has fewer dates', () => {
    const daily = schedule('FREQ=DAILY', '2026-01-01T09:00Z', 'UTC');
    expect(previewWithin(daily, 100, 0)).toEqual([]);
  });

  it('the last year is 9999', () => {
    const yearly = schedule('FREQ=YEARLY', '9998-06-01T09:00Z', 'UTC');
    expect(preview(yearly, 9)).toEqual(['9998-06-01T09:00:00.000Z', '9999-06-01T09:00:00.000Z']);
  });
});
