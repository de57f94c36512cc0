import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { createEvent } from '@todo/service/events';
import { eventually } from './stack/eventually.ts';
import { ok } from './stack/graphql.ts';
import { publish } from './stack/publish.ts';
import { subscribe } from './stack/subscription.ts';
import { newUser } from './stack/user.ts';

it('the same event delivered twice has one effect', async () => {
  const user = await newUser();
  const live = await subscribe(user, `subscription { taskChanged { id task { title } } }`);
  const now = new Date().toISOString();
  const id = randomUUID();
  const data = {
    id,
    ownerId: user.id,
    title: 'Published twice',
    description: null,
    status: 'PENDING' as const,
    priority: 'NORMAL' as const,
    tags: [],
    dueTimeZone: null,
    checklist: [],
    dueAt: null,
    createdAt: now,
    updatedAt: now,
    completedAt: null,
    version: 1,
  };
  const event = createEvent('task.created', { source: 'task-service', subject: id, data });
  await publish('task.created', event, id);
  await publish('task.created', event, id);
  await publish('task.created', event, id);
  // A later event of the same key: once it has had its effects, so has everything before it. It is of a task of another
  // day, so that the counts of the first day show whether the copies were counted.
  const time = new Date(Date.now() - 24 * 60 * 60 * 1000).toISOString();
  const other = randomUUID();
  const later = createEvent('task.created', {
    source: 'task-service',
    subject: other,
    time,
    data: { ...data, id: other, createdAt: time, updatedAt: time },
  });
  await publish('task.created', later, id);

  await live.next((data) => data.taskChanged.id === later.id);
  expect(live.received.map((data) => data.taskChanged.id)).toEqual([event.id, later.id]);
  await eventually(async () => {
    const { me } = await ok(user, `{ me { activity(days: 2) { created } } }`);
    expect(me.activity[1].created).toBe(1);
  });
  const { me } = await ok(user, `{ me { activity(days: 2) { created } } }`);
  expect(me.activity[0].created).toBe(1);

  await publish(
    'task.created',
    createEvent('task.created', { source: 'x', subject: id, data: { ...data, title: 'Last' } }),
    id,
  );
  const feed = `{ me { notifications { nodes { message } } } }`;
  const messages = async (): Promise<string[]> =>
    (await ok(user, feed)).me.notifications.nodes.map((node: { message: string }) => node.message);
  await eventually(async () => expect(await messages()).toContain('You created “Last”'));
  // One for the event that came three times, one for the later one.
  expect((await messages()).filter((message) => /twice/.test(message))).toHaveLength(2);
  await live.stop();
});
