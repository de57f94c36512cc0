import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { createTask } from './stack/graphql.ts';
import { publish } from './stack/publish.ts';
import { subscribe } from './stack/subscription.ts';
import { readTopic } from './stack/topic.ts';
import { newUser } from './stack/user.ts';

it('an event that can never be handled goes to the dead-letter topic, with the reason, and holds back nothing', async () => {
  const user = await newUser();
  const live = await subscribe(user, `subscription { notificationCreated { notification { message } } }`);
  const { id: key } = await createTask(user, { title: 'Before' });
  const id = randomUUID();
  const type = 'com.todo.task.created.v9';
  const time = new Date().toISOString();
  await publish('task.created', { specversion: '1.0', id, source: 'test', type, time, subject: key, data: {} }, key);
  await createTask(user, { title: 'After' });

  const arrived = await live.next((data) => /After/.test(data.notificationCreated.notification?.message));
  expect(arrived).toBeDefined();
  // Once from each service that consumes the topic.
  const letters = await readTopic('task.created.dlq', (event) => event.id === id, 3);
  expect(letters.map((letter) => letter.data.consumer).sort()).toEqual([
    'analytics-service',
    'notification-service',
    'scheduler-service',
  ]);
  expect(letters[0].data).toMatchObject({
    topic: 'task.created',
    key,
    reason: `unknown type ${type} on task.created`,
    event: { id, type },
  });
  await live.stop();
});
