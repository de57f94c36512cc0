import { expect, test } from '@jest/globals';
import { ruleOf, ruleText, type Pattern } from './rule.ts';

const weekly: Pattern = { frequency: 'WEEKLY', interval: 1, weekdays: [], end: 'never', count: 10, until: '' };
const day = (instant: string): string => instant.slice(0, 10);

test.each<[Partial<Pattern>, string, string]>([
  [{}, 'FREQ=WEEKLY', 'Every week'],
  [{ interval: 2, weekdays: ['MO', 'FR'] }, 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR', 'Every 2 weeks, on Mo, Fr'],
  [{ frequency: 'DAILY', weekdays: ['MO'] }, 'FREQ=DAILY', 'Every day'],
  [{ frequency: 'MONTHLY', end: 'count', count: 3 }, 'FREQ=MONTHLY;COUNT=3', 'Every month, 3 times'],
])('%j is %s: %s', (pattern, rule, text) => {
  expect(ruleOf({ ...weekly, ...pattern })).toBe(rule);
  expect(ruleText(rule, day)).toBe(text);
});

test('the last day counts to its end, and is said in UTC', () => {
  const rule = ruleOf({ ...weekly, end: 'until', until: '2040-01-03' });
  expect(rule).toBe(`FREQ=WEEKLY;UNTIL=${new Date('2040-01-03T23:59:59').toISOString().replaceAll(/[-:]|\.000/g, '')}`);
  expect(ruleText('FREQ=WEEKLY;UNTIL=20400103T225959Z', day)).toBe('Every week, until 2040-01-03');
});

test.each(['FREQ=MONTHLY;BYDAY=-1FR', 'FREQ=HOURLY', 'FREQ=DAILY;BYHOUR=9,17'])('%s is shown as it is', (rule) => {
  expect(ruleText(rule, day)).toBe(rule);
});
