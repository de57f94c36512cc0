import { expect, it } from '@jest/globals';
import { StaleState } from '@todo/service/state';
import { hintKeys, type Hints, hourKey, hourOf, openHints, SHARDS, upcomingKey } from './hints.ts';
import { jobOf, newReminder, type ReminderToCome } from './reminder.ts';
import { testScheduler } from './testing/memory.ts';

const task = { taskId: 't1', ownerId: 'alice' };
const reminder = (at = '2040-01-01T09:30:00.000Z'): ReminderToCome => ({
  ...newReminder({ kind: 'AT', automatic: false, beforeMs: null }),
  at,
});

it('are kept by the hour, spread by task, and by the user’s day', () => {
  const [hour, day] = hintKeys(task, '2040-01-01T09:30:00.000Z');
  expect(hour).toMatch(/^hour-2040-01-01T09-\d\d$/);
  expect(day).toBe(upcomingKey('alice', '2040-01-01'));
  expect(day).not.toContain('alice');
  const shards = new Set(
    Array.from({ length: 2000 }, (_, i) => hintKeys({ ...task, taskId: `${i}` }, '2040-01-01T09:30:00.000Z')[0]),
  );
  expect(shards.size).toBe(SHARDS);
  expect(hourKey(hourOf('2040-01-01T09:30:00.000Z'), 7)).toBe('hour-2040-01-01T09-07');
});

it('that many set at once are written together', async () => {
  const { context, stored, ...test } = testScheduler();
  let writes = 0;
  const hints = openHints({
    ...context.documents,
    save: (write) => {
      writes += 1;
      return context.documents.save(write);
    },
  });
  const all = Array.from({ length: 100 }, () => reminder());
  await Promise.all(all.map((one) => hints.add(task, [one])));
  const [hour = '', day = ''] = hintKeys(task, all[0]?.at ?? '');
  expect(Object.keys(stored.get(hour)?.value as Hints).sort()).toEqual(all.map(jobOf).sort());
  expect(Object.keys(stored.get(day)?.value as Hints)).toHaveLength(100);
  expect(writes).toBeLessThan(10);
  await Promise.all(all.map((one) => hints.remove(task, [one])));
  expect(stored.get(hour)?.value).toEqual({});
  expect(test.calls).toEqual([]);
});

it('go on after somebody else wrote the same document, and fail for all who wait where the store fails', async () => {
  const test = testScheduler();
  let left = 3;
  test.beforeSave = () => {
    if (left-- > 0) throw new StaleState('changed');
  };
  await test.context.hints.add(task, [reminder()]);
  test.beforeSave = () => {
    throw new Error('the store is away');
  };
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => test.context.hints.add(task, [reminder()])));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  test.beforeSave = () => {};
  await test.context.hints.add(task, [reminder()]);
});

it('of one user’s day have an end; those of the hour have none', async () => {
  const { context, stored } = testScheduler();
  const all = Array.from({ length: 2001 }, () => reminder());
  await context.hints.add(task, all);
  const [hour = '', day = ''] = hintKeys(task, all[0]?.at ?? '');
  expect(Object.keys(stored.get(day)?.value as Hints)).toHaveLength(2000);
  expect(Object.keys(stored.get(hour)?.value as Hints)).toHaveLength(2001);
});
