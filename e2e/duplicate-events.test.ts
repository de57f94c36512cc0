import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { createEvent } from '@todo/service/events';
import { eventually } from './stack/eventually.ts';
import { createTask, ok } from './stack/graphql.ts';
import { app } from './stack/ready.ts';
import { subscribe } from './stack/subscription.ts';
import { newUser } from './stack/user.ts';

/** Publishes through the task service's sidecar, as its outbox relay does. */
async function publish(event: object, key: string): Promise<void> {
  const { daprHttpPort, daprApiToken } = app('task-service');
  const response = await fetch(
    `http://127.0.0.1:${daprHttpPort}/v1.0/publish/task-events/task.created?metadata.partitionKey=${key}`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', 'dapr-api-token': daprApiToken },
      body: JSON.stringify(event),
    },
  );
  expect(response.status).toBe(204);
}

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
  await publish(event, id);
  await publish(event, id);
  await publish(event, id);
  // A later event of the same key: once it has had its effects, so has everything before it.
  const later = createEvent('task.created', { source: 'task-service', subject: id, data: { ...data, version: 2 } });
  await publish(later, id);

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

it('an event that can never be handled goes to the dead-letter topic and holds back nothing', async () => {
  const user = await newUser();
  const live = await subscribe(user, `subscription { notificationCreated { notification { message } } }`);
  const { id } = await createTask(user, { title: 'Before' });
  await publish({ specversion: '1.0', id: randomUUID(), source: 'x', type: 'com.todo.task.created.v9', data: {} }, id);
  await publish({ nonsense: true }, id);
  await createTask(user, { title: 'After' });
  await live.next((data) => /After/.test(data.notificationCreated.notification?.message));
  await live.stop();
});
