import { expect, it, jest } from '@jest/globals';
import { createEvent } from '@todo/service/events';
import type { StateOperation } from '@todo/service/state';
import type { AppContext } from '../context.ts';
import { eventHandlers } from './index.ts';

const transact = jest.fn<(operations: StateOperation[]) => Promise<void>>();
const app = {
  appId: 'notification-service',
  state: { getMany: async () => new Map(), transact },
  relay: { nudge() {} },
  workers: { nudge() {} },
} as unknown as AppContext;

it('makes small entries, however long the titles of the events are', async () => {
  const handler = eventHandlers(() => app)['task.reminder'];
  const data = { ownerId: 'alice', reminderId: 'r1', kind: 'DUE' as const, dueAt: null, version: 1 };
  const events = ['Milk', '\u{1f331}'.repeat(200_000)].map((title) =>
    createEvent('task.reminder', { source: 'scheduler-service', subject: 't1', data: { ...data, title } }),
  );
  if (typeof handler === 'function') throw new Error('it takes no bulk');
  await handler.bulk(events);
  const [operations = []] = transact.mock.calls.map(([all]) => all);
  const messages = operations
    .filter(({ key }) => key.startsWith('notification-'))
    .map((one) => (one as { value: { message: string } }).value.message);
  expect(messages).toEqual(['“Milk” is due', expect.stringMatching(/^“\u{1f331}+.?…” is due$/u)]);
  expect(JSON.stringify(operations).length).toBeLessThan(10_000);
});
