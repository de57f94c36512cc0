import { expect, it } from '@jest/globals';
import { eventually } from './stack/eventually.ts';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { subscribe } from './stack/subscription.ts';
import { newUser } from './stack/user.ts';

const MINE = `{ me { tasks { nodes { title } } notifications { nodes { message } } activity { created completed } } }`;

it('a second user sees nothing of the first, neither by query nor by event', async () => {
  const [alice, bob] = await Promise.all([newUser(), newUser()]);
  const task = await createTask(alice, { title: "Alice's secret", dueAt: '2040-01-01T00:00:00Z' });
  const bobs = await Promise.all([
    subscribe(bob, `subscription { taskChanged { task { id title } } }`),
    subscribe(bob, `subscription ($id: ID) { taskChanged(id: $id) { task { id } } }`, { id: task.id }),
    subscribe(bob, `subscription { notificationCreated { notification { message } } }`),
  ]);
  const alices = await Promise.all([
    subscribe(alice, `subscription { taskChanged { type } }`),
    subscribe(alice, `subscription { notificationCreated { notification { message } } }`),
  ]);

  for (const mutation of [
    `mutation ($id: ID!) { updateTask(id: $id, input: { title: "stolen" }) { id } }`,
    `mutation ($id: ID!) { completeTask(id: $id) { id } }`,
    `mutation ($id: ID!) { deleteTask(id: $id) { id } }`,
  ]) {
    const { errors } = await graphql(bob, mutation, { id: task.id });
    expect(errors?.[0]?.extensions['code']).toBe('NOT_FOUND');
  }
  await ok(alice, `mutation ($id: ID!) { completeTask(id: $id) { id } }`, { id: task.id });

  // Once Alice has seen all of it, by event and by query, whatever of hers could reach Bob has had its chance.
  await alices[0].next((data) => data.taskChanged.type === 'com.todo.task.completed.v1');
  await alices[1].next((data) => /completed/.test(data.notificationCreated.notification.message));
  await eventually(async () => {
    const { me } = await ok(alice, MINE);
    expect(me.tasks.nodes).toEqual([{ title: "Alice's secret" }]);
    expect(me.notifications.nodes).toHaveLength(2);
    expect(me.activity[0]).toEqual({ created: 1, completed: 1 });
  });

  const { me } = await ok(bob, MINE);
  expect(me.tasks.nodes).toEqual([]);
  expect(me.notifications.nodes).toEqual([]);
  expect(me.activity.every((day: object) => JSON.stringify(day) === '{"created":0,"completed":0}')).toBe(true);
  const byId = `query ($id: ID!) { task(id: $id) { id title reminders { at } notifications { message } } }`;
  expect((await ok(bob, byId, { id: task.id })).task).toBeNull();
  expect(bobs.map(({ received }) => received)).toEqual([[], [], []]);

  // The silence was not that of a broken stream.
  const own = await createTask(bob, { title: "Bob's own" });
  await bobs[0].next((data) => data.taskChanged.task.id === own.id);
  await bobs[2].next((data) => /Bob/.test(data.notificationCreated.notification.message));
  await Promise.all([...bobs, ...alices].map((one) => one.stop()));
});
