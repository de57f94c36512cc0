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
  // A later event of the same key: once it has had its effects, so has everything before it.
  const later = createEvent('task.created', { source: 'task-service', subject: id, data: { ...data, version: 2 } });
  await publish('task.created', later, id);

  await live.next((data) => data.taskChanged.id === later.id);
  expect(live.received.map((data) => data.taskChanged.id)).toEqual([event.id, later.id]);
  await eventually(async () => {
    const { me } = await ok(
      user,
      `{ me { notifications { nodes { message } } unreadNotifications activity { created } } }`,
    );
    expect(me.unreadNotifications).toBe(2);
    expect(me.notifications.nodes).toHaveLength(2);
    expect(me.activity[0].created).toBe(2);
  });
  await live.stop();
});
