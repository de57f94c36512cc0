import { beforeEach, expect, it } from '@jest/globals';
import { changeSchedule, settleJobs } from './change-schedule.ts';
import { fireReminder } from './fire-reminder.ts';
import { followTask } from './follow-task.ts';
import { aTask, type TestScheduler, testScheduler } from './testing/memory.ts';

let test: TestScheduler;
let job: string;
const fire = () => fireReminder(test.context, job, { taskId: 't1' });
const firedAt = () => test.schedule('t1').reminders[0]?.firedAt;

beforeEach(async () => {
  test = testScheduler([0]);
  test.tasks.set('t1', aTask());
  const change = { task: aTask(), at: '2030-01-01T00:00:00.000Z' };
  await settleJobs(test.context, await changeSchedule(test.context, 't1', (known) => followTask(known, change, [0])));
  job = test.job('t1');
});

it('publishes the reminder under the name of its job, and marks it', async () => {
  await fire();
  expect(test.published).toEqual([
    expect.objectContaining({
      id: job,
      subject: 't1',
      data: {
        ownerId: 'alice',
        reminderId: test.schedule('t1').reminders[0]?.id,
        kind: 'DUE',
        title: 'Water the plants',
        remindAt: aTask().dueAt,
        dueAt: aTask().dueAt,
        version: 1,
      },
    }),
  ]);
  expect(firedAt()).toEqual(expect.any(String));
});

it('publishes once, however often the job fires', async () => {
  await fire();
  await fire();
  expect(test.published).toHaveLength(1);
});

it('publishes once where the job fires twice at the same time: the other comes again', async () => {
  const outcomes = await Promise.allSettled([fire(), fire(), fire()]);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await fire();
  expect(test.published).toHaveLength(1);
});

it('takes over from a delivery that did not get to its end', async () => {
  const { value, etag } = test.stored.get('reminders-t1') as { value: any; etag: string };
  value.reminders[0].sendingSince = new Date(Date.now() - 11_000).toISOString();
  test.stored.set('reminders-t1', { value, etag });
  await fire();
  expect(test.published).toHaveLength(1);
});

it.each([
  ['was completed', { status: 'COMPLETED' as const }],
  ['was cancelled', { status: 'CANCELLED' as const }],
  ['has no due date any more', { dueAt: null }],
])('publishes nothing where the task %s, of which no event told yet', async (_, fields) => {
  test.tasks.set('t1', aTask({ ...fields, version: 2 }));
  await fire();
  expect(test.published).toEqual([]);
  expect(test.schedule('t1').version).toBe(2);
});

it('moves with a task that was moved, of which no event told yet', async () => {
  const dueAt = '2041-01-01T00:00:00.000Z';
  test.tasks.set('t1', aTask({ dueAt, version: 2 }));
  await fire();
  expect(test.published).toEqual([]);
  expect(test.jobs.get(test.job('t1'))).toBe(dueAt);
});

it('publishes nothing where the task is no more', async () => {
  test.tasks.clear();
  await fire();
  expect(test.published).toEqual([]);
  expect(test.schedule('t1').deleted).toBe(true);
});

it('publishes nothing of which it does not know, and writes nothing', async () => {
  test.stored.clear();
  await fire();
  expect(test.published).toEqual([]);
  expect(test.stored.size).toBe(0);
});

it('fails, to fire again, where the broker does not take it; the next delivery need not wait', async () => {
  test.beforeSend = (call) => {
    if (call.startsWith('PUBLISH')) throw new Error('no broker');
  };
  await expect(fire()).rejects.toThrow(/no broker/);
  expect(firedAt()).toBeNull();
  test.beforeSend = () => {};
  await fire();
  expect(test.published).toHaveLength(1);
});

it('fails, to fire again, where the task service cannot be asked', async () => {
  test.context.tasks.load = () => Promise.reject(new Error('away'));
  await expect(fire()).rejects.toThrow(/away/);
  expect(test.published).toEqual([]);
});
