import { beforeEach, expect, it, jest } from '@jest/globals';
import { createLogger } from '@todo/service/logger';
import type { StateOperation, Versioned } from '@todo/service/state';
import type { AppContext } from './context.ts';
import { fireReminder } from './fire-reminder.ts';
import type { TaskReminders } from './reminder.ts';

const document: TaskReminders = {
  taskId: 't1',
  ownerId: 'alice',
  title: 'Water the plants',
  version: 3,
  reminders: [
    { id: 'r1', at: '2030-01-01T00:00:00.000Z', job: 'reminder-t1-3', eventId: 'e1', firedAt: null },
    { id: 'r0', at: '2029-01-01T00:00:00.000Z', job: 'reminder-t1-2', eventId: 'e0', firedAt: '2029-01-01T00:00:00Z' },
  ],
};

const now = new Date().toISOString();

const get = jest.fn<(key: string) => Promise<Versioned<TaskReminders> | undefined>>();
const transact = jest.fn<(operations: StateOperation[]) => Promise<void>>();
const publish = jest.fn<(pubsub: string, topic: string, event: object) => Promise<{ error?: Error }>>();
const context = {
  appId: 'scheduler-service',
  state: { get, transact },
  dapr: { client: { pubsub: { publish } } },
  logger: createLogger('test', 'silent'),
} as unknown as AppContext;

beforeEach(() => {
  get.mockReset().mockResolvedValue({ value: document, etag: 'x' });
  transact.mockReset().mockResolvedValue();
  publish.mockReset().mockResolvedValue({});
});

it('publishes the reminder under the id that was chosen when it was set, and marks it', async () => {
  await fireReminder(context, 'reminder-t1-3', { taskId: 't1', version: 3, at: now });
  expect(publish.mock.calls[0]?.slice(1, 3)).toEqual([
    'task.reminder',
    expect.objectContaining({ id: 'e1', subject: 't1', data: expect.objectContaining({ ownerId: 'alice' }) }),
  ]);
  expect(transact.mock.calls[0]?.[0]).toMatchObject([
    { op: 'replace', etag: 'x', value: { reminders: [{ id: 'r1', firedAt: expect.any(String) }, { id: 'r0' }] } },
  ]);
});

it.each([
  ['was sent before', 'reminder-t1-2', 2],
  ['was taken back', 'reminder-t1-1', 1],
])('does nothing where the reminder %s', async (_, job, version) => {
  await fireReminder(context, job, { taskId: 't1', version, at: now });
  expect(publish).not.toHaveBeenCalled();
});

it.each([
  ['the reminder is not written yet', /before its reminder/, () => get.mockResolvedValue(undefined)],
  ['the broker does not take it', /no broker/, () => publish.mockResolvedValue({ error: new Error('no broker') })],
  ['the mark cannot be written', /changed/, () => transact.mockRejectedValue(new Error('changed'))],
])('fails, to fire again, where %s', async (_, message, arrange) => {
  arrange();
  await expect(fireReminder(context, 'reminder-t1-3', { taskId: 't1', version: 3, at: now })).rejects.toThrow(message);
});

it('gives up a job of which nobody knows an hour after it was due', async () => {
  get.mockResolvedValue(undefined);
  const at = new Date(Date.now() - 61 * 60 * 1000).toISOString();
  await fireReminder(context, 'reminder-t1-3', { taskId: 't1', version: 3, at });
  expect(publish).not.toHaveBeenCalled();
});
