import { expect, it } from '@jest/globals';
import { InvalidRule, parseRule } from './rule.ts';

it('reads all parts that it takes', () => {
  expect(
    parseRule('RRULE:freq=YEARLY;INTERVAL=2;UNTIL=20301231T230000Z;WKST=SU;BYMONTH=1,12;BYWEEKNO=-1;BYDAY=MO'),
  ).toEqual({
    freq: 'YEARLY',
    interval: 2,
    until: Date.UTC(2030, 11, 31, 23),
    wkst: 'SU',
    byMonth: [1, 12],
    byWeekNo: [-1],
    byDay: ['MO'],
  });
  expect(parseRule('FREQ=MONTHLY;COUNT=3;BYDAY=+1MO,-1FR;BYMONTHDAY=1,-1;BYHOUR=0,9;BYMINUTE=30;BYSETPOS=-1;')).toEqual(
    {
      freq: 'MONTHLY',
      count: 3,
      byDay: ['1MO', '-1FR'],
      byMonthDay: [1, -1],
      byHour: [0, 9],
      byMinute: [30],
      bySetPos: [-1],
    },
  );
  expect(parseRule('FREQ=YEARLY;BYYEARDAY=1,366')).toEqual({ freq: 'YEARLY', byYearDay: [1, 366] });
});

it.each([
  ['', /must be parts such as FREQ=DAILY/],
  ['every day', /must be parts such as FREQ=DAILY/],
  ['FREQ=DAILY;;COUNT=1', /must be parts/],
  ['COUNT=3', /FREQ is missing/],
  ['FREQ=MINUTELY', /FREQ must be YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY: "MINUTELY"/],
  ['FREQ=DAILY;BYSECOND=1', /BYSECOND is not taken/],
  ['FREQ=DAILY;CONSTRUCTOR=1', /CONSTRUCTOR is not taken/],
  ['FREQ=DAILY;RSCALE=HEBREW', /RSCALE is not taken/],
  ['FREQ=DAILY;COUNT=1;COUNT=2', /COUNT is given twice/],
  ['FREQ=DAILY;COUNT=0', /COUNT must be 1 to 1000: "0"/],
  ['FREQ=DAILY;INTERVAL=1.5', /INTERVAL must be/],
  ['FREQ=DAILY;INTERVAL=99999', /INTERVAL must be/],
  ['FREQ=DAILY;COUNT=1;UNTIL=20300101T000000Z', /COUNT and UNTIL/],
  ['FREQ=DAILY;UNTIL=20300101', /UNTIL must be in UTC/],
  ['FREQ=DAILY;UNTIL=20300230T000000Z', /UNTIL must be in UTC/],
  ['FREQ=DAILY;BYMONTH=13', /BYMONTH must be 1 to 12: "13"/],
  ['FREQ=DAILY;BYMONTH=1,,2', /BYMONTH must be/],
  ['FREQ=DAILY;BYMONTHDAY=0', /BYMONTHDAY must be -31 to 31, not 0/],
  ['FREQ=WEEKLY;BYMONTHDAY=1', /BYMONTHDAY is not for FREQ=WEEKLY/],
  ['FREQ=MONTHLY;BYYEARDAY=1', /BYYEARDAY is for FREQ=YEARLY or HOURLY/],
  ['FREQ=MONTHLY;BYWEEKNO=1', /BYWEEKNO is for FREQ=YEARLY/],
  ['FREQ=WEEKLY;BYDAY=1MO', /1MO is for FREQ=MONTHLY or YEARLY, not WEEKLY/],
  ['FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO', /1MO cannot stand with BYWEEKNO/],
  ['FREQ=WEEKLY;BYDAY=XX', /BYDAY must be MO, TU/],
  ['FREQ=WEEKLY;BYDAY=MONDAY', /BYDAY must be days such as/],
  ['FREQ=MONTHLY;BYDAY=54MO', /BYDAY must be -53 to 53/],
  ['FREQ=DAILY;BYSETPOS=1', /BYSETPOS needs another BY part/],
  ['FREQ=HOURLY;BYMINUTE=0,30', /at most 24 dates a day, not 48/],
  ['FREQ=DAILY;BYHOUR=0,1,2,3,4;BYMINUTE=0,10,20,30,40', /at most 24 dates a day, not 25/],
  [`FREQ=YEARLY;BYYEARDAY=${Array.from({ length: 200 }, (_, i) => i + 1)}`, /at most 500 characters/],
])('%s: says what is wrong', (text, message) => {
  expect(() => parseRule(text)).toThrow(InvalidRule);
  expect(() => parseRule(text)).toThrow(message);
});
