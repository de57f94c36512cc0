import { expect, it } from '@jest/globals';
import { eventually } from './stack/eventually.ts';
import { createTask, ok } from './stack/graphql.ts';
import { inSeconds, reminded } from './stack/reminders.ts';
import { subscribe } from './stack/subscription.ts';
import { newUser } from './stack/user.ts';

it('a task that falls due becomes a reminder: an event, a feed entry, and a mark on the task', async () => {
  const user = await newUser();
  const live = await subscribe(
    user,
    `subscription { taskReminder { at kind dueAt reminderId task { id title reminders { id } } } }`,
  );
  const dueAt = inSeconds(6);
  const { id } = await createTask(user, { title: 'Take out the bread', dueAt });
  const { taskReminder } = await live.next();
  expect(taskReminder).toMatchObject({ kind: 'DUE', dueAt, task: { id, title: 'Take out the bread' } });
  expect(taskReminder.task.reminders.map((one: { id: string }) => one.id)).toContain(taskReminder.reminderId);
  expect(Date.parse(taskReminder.at)).toBeGreaterThanOrEqual(Date.parse(dueAt));
  await eventually(async () => {
    const query = `query ($id: ID!) {
      task(id: $id) { reminders { kind at before automatic firedAt } notifications { kind message } }
    }`;
    const { task } = await ok(user, query, { id });
    expect(task.reminders).toEqual([
      // And none an hour before: that was past when the due date was set.
      { kind: 'DUE', at: dueAt, before: 'PT0S', automatic: true, firedAt: expect.any(String) },
    ]);
    expect(task.notifications[0]).toEqual({ kind: 'TASK_REMINDER', message: '“Take out the bread” is due' });
  });
  await live.stop();
});

it('nobody is reminded of a task that is completed, deleted or moved by then, however late', async () => {
  const user = await newUser();
  const live = await subscribe(user, `subscription { taskReminder { task { id } } }`);
  const dueAt = inSeconds(12);
  const due = (title: string) => createTask(user, { title, dueAt });
  const [done, gone, moved, late] = await Promise.all([due('Done'), due('Gone'), due('Moved'), due('Moved late')]);
  await ok(user, `mutation ($id: ID!) { completeTask(id: $id) { id } }`, done);
  await ok(user, `mutation ($id: ID!) { deleteTask(id: $id) { id } }`, gone);
  const move = `mutation ($id: ID!) { updateTask(id: $id, input: { dueAt: "2040-01-01T00:00:00Z" }) { id } }`;
  await ok(user, move, moved);
  // Due after all of them: when this one has come, theirs would have.
  const last = await createTask(user, { title: 'Still due', dueAt: inSeconds(15) });
  await new Promise((resolve) => setTimeout(resolve, Date.parse(dueAt) - 1000 - Date.now()));
  await ok(user, move, late);
  await live.next(reminded(last.id));
  expect(live.received.map((data) => data.taskReminder.task.id)).toEqual([last.id]);
  for (const { id } of [moved, late]) {
    const { task } = await ok(user, `query ($id: ID!) { task(id: $id) { reminders { at firedAt } } }`, { id });
    expect(task.reminders).toEqual([
      { at: '2039-12-31T23:00:00.000Z', firedAt: null },
      { at: '2040-01-01T00:00:00.000Z', firedAt: null },
    ]);
  }
  await live.stop();
});
