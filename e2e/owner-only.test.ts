import { expect, it } from '@jest/globals';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { subscribe } from './stack/subscription.ts';
import { newUser } from './stack/user.ts';

it('a second user sees nothing of the first, neither by query nor by event', async () => {
  const [alice, bob] = await Promise.all([newUser(), newUser()]);
  const live = await Promise.all([
    subscribe(bob, `subscription { taskChanged { task { id title } } }`),
    subscribe(bob, `subscription { notificationCreated { notification { message } } }`),
  ]);
  const secret = await createTask(alice, { title: "Alice's secret", dueAt: '2040-01-01T00:00:00Z' });
  const targeted = await subscribe(bob, `subscription ($id: ID) { taskChanged(id: $id) { task { id } } }`, {
    id: secret.id,
  });

  const byId = await ok(bob, `query ($id: ID!) { task(id: $id) { id title reminders { at } } }`, { id: secret.id });
  expect(byId.task).toBeNull();
  const mine = await ok(
    bob,
    `{ me { tasks { nodes { id } } notifications { nodes { message } } activity { created } } }`,
  );
  expect(mine.me.tasks.nodes).toEqual([]);
  expect(mine.me.notifications.nodes).toEqual([]);
  expect(mine.me.activity.every((day: { created: number }) => day.created === 0)).toBe(true);

  for (const mutation of [
    `mutation ($id: ID!) { updateTask(id: $id, input: { title: "stolen" }) { id } }`,
    `mutation ($id: ID!) { completeTask(id: $id) { id } }`,
    `mutation ($id: ID!) { deleteTask(id: $id) { id } }`,
  ]) {
    const { errors } = await graphql(bob, mutation, { id: secret.id });
    expect(errors?.[0]?.extensions['code']).toBe('NOT_FOUND');
  }
  await ok(alice, `mutation ($id: ID!) { completeTask(id: $id) { id } }`, { id: secret.id });

  // Bob's own event comes after all of Alice's, on the same topics: whatever of hers could reach him would be there.
  const own = await createTask(bob, { title: "Bob's own" });
  await ok(bob, `mutation ($id: ID!) { completeTask(id: $id) { id } }`, { id: own.id });
  await live[0].next((data) => data.taskChanged.task?.id === own.id);
  await live[1].next((data) => /Bob/.test(data.notificationCreated.notification?.message));
  expect(JSON.stringify(live.map(({ received }) => received))).not.toMatch(/Alice/);
  expect(targeted.received).toEqual([]);
  await Promise.all([...live, targeted].map((one) => one.stop()));
});
