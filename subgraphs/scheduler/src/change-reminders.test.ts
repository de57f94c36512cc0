import { beforeEach, expect, it } from '@jest/globals';
import { onceOf } from '@todo/service/idempotency';
import { changeReminders } from './change-reminders.ts';
import { changeSchedule } from './change-schedule.ts';
import type { RequestContext } from './context.ts';
import { followTask } from './follow-task.ts';
import { newReminder } from './reminder.ts';
import { aTask, type TestScheduler, testScheduler } from './testing/memory.ts';

let test: TestScheduler;
const identity = { sub: 'alice', scopes: [], claims: {} };

/** Adds a reminder to a task, as a mutation with a key would. */
function add(idempotencyKey: string, at = '2040-06-01T00:00:00.000Z', taskId = 't1') {
  const args = { idempotencyKey, at, taskId };
  const once = onceOf({ identity, idempotencyKey: undefined }, args, {
    fieldName: 'addReminder',
    path: { key: 'addReminder', prev: undefined, typename: undefined },
  });
  return changeReminders(test.context as RequestContext, { taskId, ownerId: 'alice', once }, (task) => {
    const answer = { ...newReminder({ kind: 'AT', automatic: false, beforeMs: null }), at };
    return { reminders: [...task.reminders, answer], answer };
  });
}
const count = () => test.schedule('t1').reminders.length;

beforeEach(async () => {
  test = testScheduler([]);
  const change = { task: aTask(), at: '2030-01-01T00:00:00.000Z' };
  await changeSchedule(test.context, 't1', (known) => followTask(known, change, []));
});

it('the same call gives the same answer, and changes nothing again', async () => {
  const first = await add('k');
  expect(await add('k')).toEqual(first);
  expect(count()).toBe(1);
  expect(test.jobs.size).toBe(1);
});

it('the same key with other arguments is a conflict, also of another task', async () => {
  await add('k');
  await expect(add('k', '2041-01-01T00:00:00.000Z')).rejects.toMatchObject({ extensions: { code: 'CONFLICT' } });
  await expect(add('k', undefined, 't2')).rejects.toMatchObject({ extensions: { code: 'CONFLICT' } });
});

it('the same call at the same time runs once', async () => {
  const answers = await Promise.all([add('k'), add('k'), add('k')]);
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(count()).toBe(1);
});

it('an answer is known however early the service ended, and however much came after', async () => {
  test.beforeSave = (key) => {
    if (key.startsWith('once-')) throw new Error('killed');
  };
  await expect(add('k')).rejects.toThrow(/killed/);
  test.beforeSave = () => {};
  const first = await add('k');
  expect(count()).toBe(1);
  await add('other');
  expect(await add('k')).toEqual(first);
  expect(count()).toBe(2);
});

it('a job that cannot be set is left to the reconciler: the reminder is there', async () => {
  test.beforeSend = () => {
    throw new Error('Dapr’s scheduler is away');
  };
  await add('k');
  expect(count()).toBe(1);
});

it.each([
  ['there is no such task', 't2', 'alice'],
  ['it is another’s', 't1', 'mallory'],
])('where %s, it is not found', async (_, taskId, ownerId) => {
  const change = changeReminders(test.context as RequestContext, { taskId, ownerId, once: undefined }, () => {
    throw new Error('asked');
  });
  await expect(change).rejects.toMatchObject({ extensions: { code: 'NOT_FOUND' } });
});
