import { describe, expect, it } from '@jest/globals';
import { createTask, ok } from './stack/graphql.ts';
import { subscribe, subscribeSse } from './stack/subscription.ts';
import { newUser } from './stack/user.ts';

const CHANGES = `subscription {
  taskChanged {
    id type at version
    task { id title status reminders { at } notifications { kind } }
  }
}`;

describe('a mutation reaches a live subscription through Kafka', () => {
  it.each([
    ['graphql-ws', subscribe],
    ['SSE', subscribeSse],
  ])('over %s, with fields of several subgraphs', async (_, open) => {
    const user = await newUser();
    const live = await open(user, CHANGES);
    const { id } = await createTask(user, { title: 'Water the plants', dueAt: '2040-01-01T08:00:00+01:00' });

    const { taskChanged } = await live.next((data) => data.taskChanged.task?.id === id);
    expect(taskChanged).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'com.todo.task.created.v1',
      at: expect.stringMatching(/Z$/),
      version: 1,
      // What the other subgraphs made of the same event may come a moment later.
      task: {
        id,
        title: 'Water the plants',
        status: 'PENDING',
        reminders: expect.any(Array),
        notifications: expect.any(Array),
      },
    });

    await ok(user, `mutation ($id: ID!) { completeTask(id: $id) { version } }`, { id });
    const completed = await live.next((data) => data.taskChanged.type === 'com.todo.task.completed.v1');
    expect(completed.taskChanged).toMatchObject({ version: 2, task: { id, status: 'COMPLETED' } });

    await ok(user, `mutation ($id: ID!) { deleteTask(id: $id) { id } }`, { id });
    const deleted = await live.next((data) => data.taskChanged.type === 'com.todo.task.deleted.v1');
    expect(deleted.taskChanged).toMatchObject({ version: 3, task: null });
    await live.stop();
  });

  it('only for the task that was asked for', async () => {
    const user = await newUser();
    const first = await createTask(user, { title: 'First' });
    const second = await createTask(user, { title: 'Second' });
    const live = await subscribe(user, `subscription ($id: ID!) { taskChanged(id: $id) { task { id title } } }`, {
      id: second.id,
    });
    const rename = `mutation ($id: ID!, $title: String!) { updateTask(id: $id, input: { title: $title }) { id } }`;
    await ok(user, rename, { id: first.id, title: 'First, changed' });
    await ok(user, rename, { id: second.id, title: 'Second, changed' });
    await live.next((data) => data.taskChanged.task.title === 'Second, changed');
    expect(live.received.map((data) => data.taskChanged.task.id)).not.toContain(first.id);
    await live.stop();
  });

  it('also for the feed entry that an event becomes', async () => {
    const user = await newUser();
    const live = await subscribe(
      user,
      `subscription { notificationCreated { notification { kind message readAt task { title } } task { id } } }`,
    );
    const { id } = await createTask(user, { title: 'Call home' });
    const { notificationCreated } = await live.next();
    expect(notificationCreated).toEqual({
      notification: {
        kind: 'TASK_CREATED',
        message: 'You created “Call home”',
        readAt: null,
        task: { title: 'Call home' },
      },
      task: { id },
    });
    await live.stop();
  });
});
