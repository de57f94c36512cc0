import { expect, it } from '@jest/globals';
import { eventually } from './stack/eventually.ts';
import { createTask, ok } from './stack/graphql.ts';
import { newUser } from './stack/user.ts';

const EVERYTHING = `{
  me {
    id
    tasks(first: 5) {
      nodes { id title status dueAt reminders { at firedAt } notifications(first: 3) { kind message } }
      pageInfo { hasNextPage }
    }
    notifications(first: 5) { nodes { kind task { title } } }
    unreadNotifications
    activity(days: 2) { day created completed }
  }
}`;

it('one query crosses all four subgraphs', async () => {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'Pay the rent', dueAt: '2040-05-01T00:00:00Z' });
  await ok(user, `mutation ($id: ID!) { completeTask(id: $id) { id } }`, { id });
  const open = await createTask(user, { title: 'Book the train', dueAt: '2040-06-01T00:00:00Z' });

  await eventually(async () => {
    const { me } = await ok(user, EVERYTHING);
    expect(me).toEqual({
      id: user.id,
      tasks: {
        nodes: [
          {
            id: open.id,
            title: 'Book the train',
            status: 'PENDING',
            dueAt: '2040-06-01T00:00:00.000Z',
            reminders: [
              { at: '2040-05-31T23:00:00.000Z', firedAt: null },
              { at: '2040-06-01T00:00:00.000Z', firedAt: null },
            ],
            notifications: [{ kind: 'TASK_CREATED', message: 'You created “Book the train”' }],
          },
          {
            id,
            title: 'Pay the rent',
            status: 'COMPLETED',
            dueAt: '2040-05-01T00:00:00.000Z',
            reminders: [],
            notifications: expect.arrayContaining([
              { kind: 'TASK_CREATED', message: 'You created “Pay the rent”' },
              { kind: 'TASK_COMPLETED', message: 'You completed “Pay the rent”' },
            ]),
          },
        ],
        pageInfo: { hasNextPage: false },
      },
      notifications: { nodes: expect.arrayContaining([{ kind: 'TASK_COMPLETED', task: { title: 'Pay the rent' } }]) },
      unreadNotifications: 3,
      activity: [
        { day: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/), created: 2, completed: 1 },
        { day: expect.any(String), created: 0, completed: 0 },
      ],
    });
  });
});
