import { beforeEach, expect, it, jest } from '@jest/globals';
import { createEvent } from '@todo/service/events';
import { StaleState, type StateOperation, type Versioned } from '@todo/service/state';
import type { AppContext } from '../context.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import { defaultPreferences, type KindPreference, type Preferences } from '../recipient/preferences.ts';
import { recipientKey } from '../recipient/recipient.ts';
import { alice } from '../testing/recipients.ts';
import { addToFeed } from './add-to-feed.ts';

const event = createEvent('task.reminder', {
  id: 'e1',
  source: 'scheduler-service',
  subject: 't1',
  data: { ownerId: 'alice', kind: 'DUE', reminderId: 'r1', title: 'x', dueAt: '2030-01-01T00:00:00.000Z', version: 1 },
});
const entry = { kind: 'TASK_REMINDER' as const, message: '“x” is due' };

const getMany = jest.fn<(keys: string[]) => Promise<Map<string, Versioned<unknown>>>>();
const transact = jest.fn<(operations: StateOperation[]) => Promise<void>>();
const nudge = jest.fn();
const nudgeWorkers = jest.fn();
const context = {
  appId: 'notification-service',
  state: { getMany, transact },
  relay: { nudge },
  workers: { nudge: nudgeWorkers },
} as unknown as AppContext;

beforeEach(() => {
  transact.mockReset().mockResolvedValue();
  getMany.mockReset().mockResolvedValue(new Map());
  nudge.mockReset();
  nudgeWorkers.mockReset();
});

it('writes mark, entry and announcement in one transaction, the mark first and new', async () => {
  await addToFeed(context, [{ event, ...entry }]);
  expect(transact.mock.calls).toEqual([
    [
      [
        expect.objectContaining({ op: 'create', key: 'processed-e1', ttlSeconds: 90 * 24 * 60 * 60 }),
        expect.objectContaining({
          op: 'create',
          key: expect.stringMatching(/^notification-/),
          ttlSeconds: 90 * 24 * 60 * 60,
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

/** What alice prefers for reminders. */
const known = (kind: Partial<KindPreference>, quietHours: Preferences['quietHours']) => {
  const kinds = [{ kind: 'TASK_REMINDER', channels: ['EMAIL', 'WEBHOOK'], digest: 'NONE', quiet: true, ...kind }];
  const webhooks = [
    { id: 'w1', url: '', secret: '', createdAt: '', disabledAt: null },
    { id: 'w2', url: '', secret: '', createdAt: '', disabledAt: '2030-01-01T00:00:00.000Z' },
  ];
  const preferences = { ...defaultPreferences, quietHours, kinds } as Preferences;
  const value = alice({ email: 'alice@example.com', webhooks, preferences });
  getMany.mockResolvedValue(new Map([[recipientKey('alice'), { value, etag: 'x' }]]));
};
/** What an event puts into the log. */
const added = async () => {
  transact.mockClear();
  await addToFeed(context, [{ event, ...entry }]);
  expect(transact).toHaveBeenCalledTimes(1);
  const operations = transact.mock.calls[0]?.[0] ?? [];
  return operations.filter(({ key }) => key.startsWith('delivery-')).map((one) => (one as { value: Delivery }).value);
};

it('logs what is to be sent in the same transaction, held back in quiet hours, and nothing that a digest gathers', async () => {
  // It began an hour ago.
  const [hour = '', minute = ''] = new Date(Date.now() - 3_600_000).toISOString().slice(11, 16).split(':');
  const quietHours = { from: `${hour}:${minute}`, to: `${String((Number(hour) + 3) % 24).padStart(2, '0')}:${minute}` };

  known({}, null);
  expect((await added()).map(({ channel, targetId }) => [channel, targetId])).toEqual([
    ['EMAIL', null],
    ['WEBHOOK', 'w1'],
  ]);
  known({}, quietHours);
  for (const { dueAt } of await added()) expect(Date.parse(dueAt ?? '')).toBeGreaterThan(Date.now() + 3_600_000);
  known({ quiet: false }, quietHours);
  for (const { dueAt } of await added()) expect(Date.parse(dueAt ?? '')).toBeLessThanOrEqual(Date.now());
  known({ digest: 'DAILY' }, null);
  expect(await added()).toEqual([]);
});

it('has no effect where the event had its effect before', async () => {
  getMany.mockResolvedValue(new Map([['processed-e1', { value: {}, etag: 'x' }]]));
  await addToFeed(context, [{ event, ...entry }]);
  expect(transact).not.toHaveBeenCalled();
});

it('is content where another replica was faster, and writes what that one had not', async () => {
  transact.mockRejectedValueOnce(new StaleState('exists'));
  getMany.mockResolvedValueOnce(new Map());
  getMany.mockResolvedValueOnce(new Map([['processed-e1', { value: {}, etag: 'x' }]]));
  await addToFeed(context, [
    { event, ...entry },
    { event: { ...event, id: 'e2' }, ...entry },
  ]);
  const marks = transact.mock.calls.map(([all]) => all.map(({ key }) => key).filter((key) => key.startsWith('proc')));
  expect(marks).toEqual([['processed-e1', 'processed-e2'], ['processed-e2']]);
});

it('gives up for now where others are faster again and again', async () => {
  transact.mockRejectedValue(new StaleState('exists'));
  await expect(addToFeed(context, [{ event, ...entry }])).rejects.toThrow(StaleState);
});

it('writes a bulk in few transactions, each event whole and once', async () => {
  known({}, null);
  const bulk = Array.from({ length: 100 }, (_, i) => ({ event: { ...event, id: `b${i % 90}` }, ...entry }));
  await addToFeed(context, bulk);
  expect(getMany).toHaveBeenCalledTimes(1);
  const transactions = transact.mock.calls.map(([operations]) => operations.map(({ key }) => key.split('-')[0]));
  // Mark, entry, announcement and two deliveries each.
  expect(transactions.map(({ length }) => length)).toEqual([300, 150]);
  for (const kinds of transactions)
    for (const kind of ['processed', 'notification', 'outbox'])
      expect(kinds.filter((one) => one === kind)).toHaveLength(kinds.length / 5);
});

it('fails, for the event to come again, where the store does', async () => {
  transact.mockRejectedValue(new Error('the database is away'));
  await expect(addToFeed(context, [{ event, ...entry }])).rejects.toThrow(/away/);
});
