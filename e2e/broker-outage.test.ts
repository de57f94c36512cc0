import { afterAll, expect, it } from '@jest/globals';
import { startPart, stopPart } from '@todo/dev/control/client';
import { eventually } from './stack/eventually.ts';
import { createTask, ok } from './stack/graphql.ts';
import { DATA } from './stack/paths.ts';
import { subscribe } from './stack/subscription.ts';
import { newUser } from './stack/user.ts';

// Whatever fails here, the other tests need the broker.
afterAll(() => startPart(DATA, 'kafka'));

it('a task that is created while Kafka is down reaches the subscriber once Kafka is back', async () => {
  const user = await newUser();
  const live = await subscribe(user, `subscription { taskChanged { type task { id title } } }`);
  await stopPart(DATA, 'kafka');
  const { id } = await createTask(user, { title: 'Written while Kafka is down' });
  const { task } = await ok(user, `query ($id: ID!) { task(id: $id) { title } }`, { id });
  expect(task.title).toBe('Written while Kafka is down');
  expect(live.received).toEqual([]);

  await startPart(DATA, 'kafka');
  const { taskChanged } = await live.next(undefined, 90_000);
  expect(taskChanged).toEqual({
    type: 'com.todo.task.created.v1',
    task: { id, title: 'Written while Kafka is down' },
  });
  await eventually(async () => {
    const { me } = await ok(user, `{ me { unreadNotifications activity(days: 2) { created } } }`);
    expect(me.unreadNotifications).toBe(1);
    expect(me.activity.map(({ created }: { created: number }) => created).toSorted()).toEqual([0, 1]);
  });
  await live.stop();
}, 240_000);
