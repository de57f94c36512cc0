import { beforeEach, expect, it, jest } from '@jest/globals';
import { createEvent } from '@todo/service/events';
import { StaleState, type StateOperation, type Versioned } from '@todo/service/state';
import { REMEMBER_SECONDS } from '@todo/service/topics';
import type { AppContext } from '../context.ts';
import { addToFeed } from './add-to-feed.ts';

const event = createEvent('task.reminder', {
  id: 'e1',
  source: 'scheduler-service',
  subject: 't1',
  data: { ownerId: 'alice', kind: 'DUE', reminderId: 'r1', title: 'x', dueAt: '2030-01-01T00:00:00.000Z', version: 1 },
});
const entry = { kind: 'TASK_REMINDER' as const, message: '“x” is due' };

const get = jest.fn<(key: string) => Promise<Versioned<unknown> | undefined>>();
const transact = jest.fn<(operations: StateOperation[]) => Promise<void>>();
const nudge = jest.fn();
const context = {
  appId: 'notification-service',
  state: { get, transact },
  relay: { nudge },
} as unknown as AppContext;

beforeEach(() => {
  get.mockReset().mockResolvedValue(undefined);
  transact.mockReset().mockResolvedValue();
  nudge.mockReset();
});

it('writes mark, entry and announcement in one transaction, the mark first and new', async () => {
  await addToFeed(context, event, entry);
  expect(transact.mock.calls).toEqual([
    [
      [
        expect.objectContaining({ op: 'create', key: 'processed-e1', ttlSeconds: REMEMBER_SECONDS }),
        expect.objectContaining({
          op: 'create',
          key: expect.stringMatching(/^notification-/),
          value: expect.objectContaining({ ownerId: 'alice', taskId: 't1', readAt: null, ...entry }),
        }),
        expect.objectContaining({
          op: 'create',
          key: expect.stringMatching(/^outbox-/),
          value: expect.objectContaining({ topic: 'notification.created', key: 't1' }),
        }),
      ],
    ],
  ]);
  expect(nudge).toHaveBeenCalledTimes(1);
});

it('has no effect where the event had its effect before', async () => {
  get.mockResolvedValue({ value: {}, etag: 'x' });
  await addToFeed(context, event, entry);
  expect(transact).not.toHaveBeenCalled();
});

it('is content where another replica was faster', async () => {
  get.mockResolvedValueOnce(undefined).mockResolvedValueOnce({ value: {}, etag: 'x' });
  transact.mockRejectedValue(new StaleState('exists'));
  await addToFeed(context, event, entry);
  expect(nudge).not.toHaveBeenCalled();
});

it('fails, for the event to come again, where the store does', async () => {
  transact.mockRejectedValue(new Error('the database is away'));
  await expect(addToFeed(context, event, entry)).rejects.toThrow(/away/);
});
