import { expect, it } from '@jest/globals';
import { eventually } from './stack/eventually.ts';
import { createTask, ok } from './stack/graphql.ts';
import { subscribe } from './stack/subscription.ts';
import { newUser } from './stack/user.ts';

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

it('a task that falls due becomes a reminder: an event, a feed entry, and a mark on the task', async () => {
  const user = await newUser();
  const live = await subscribe(user, `subscription { taskReminder { at dueAt task { id title } } }`);
  const dueAt = inSeconds(4);
  const { id } = await createTask(user, { title: 'Take out the bread', dueAt });
  const { taskReminder } = await live.next();
  expect(taskReminder).toEqual({ at: expect.any(String), dueAt, task: { id, title: 'Take out the bread' } });
  expect(Date.parse(taskReminder.at)).toBeGreaterThanOrEqual(Date.parse(dueAt));
  await eventually(async () => {
    const query = `query ($id: ID!) { task(id: $id) { reminders { at firedAt } notifications { kind message } } }`;
    const { task } = await ok(user, query, { id });
    expect(task.reminders).toEqual([{ at: dueAt, firedAt: expect.any(String) }]);
    expect(task.notifications[0]).toEqual({ kind: 'TASK_REMINDER', message: '“Take out the bread” is due' });
  });
  await live.stop();
});

it('a due date that is moved moves the reminder, and a completed task is not reminded of', async () => {
  const user = await newUser();
  const live = await subscribe(user, `subscription { taskReminder { task { id } } }`);
  const moved = await createTask(user, { title: 'Moved away', dueAt: inSeconds(10) });
  const done = await createTask(user, { title: 'Done in time', dueAt: inSeconds(10) });
  await ok(user, `mutation ($id: ID!) { updateTask(id: $id, input: { dueAt: "2040-01-01T00:00:00Z" }) { id } }`, moved);
  await ok(user, `mutation ($id: ID!) { completeTask(id: $id) { id } }`, done);
  // Due after both: when this one has come, theirs would have.
  const last = await createTask(user, { title: 'Still due', dueAt: inSeconds(12) });
  await live.next((data) => data.taskReminder.task.id === last.id);
  expect(live.received.map((data) => data.taskReminder.task.id)).toEqual([last.id]);
  const { task } = await ok(user, `query ($id: ID!) { task(id: $id) { reminders { at firedAt } } }`, { id: moved.id });
  expect(task.reminders).toEqual([{ at: '2040-01-01T00:00:00.000Z', firedAt: null }]);
  await live.stop();
});
