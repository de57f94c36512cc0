import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { AppContext } from '../context.ts';
import { type Delivery, MAX_ITEMS } from '../deliveries/delivery.ts';
import { type FeedDocument, notificationKey } from '../feed-entry.ts';
import type { Digest, NotificationKind } from '../generated/resolvers.ts';
import { defaultPreferences, type Preferences } from '../recipient/preferences.ts';
import { digestsOf, type Recipient, recipientKey } from '../recipient/recipient.ts';
import { testApp } from '../testing/context.ts';
import { startNotificationDatabase, type TestDatabase } from '../testing/database.ts';
import { alice } from '../testing/recipients.ts';
import { runDigests } from './job.ts';

let database: TestDatabase;
let app: AppContext;
beforeAll(async () => {
  database = await startNotificationDatabase();
  app = testApp(database);
});
afterAll(() => database.stop());
beforeEach(async () => void (await database.orm.em.fork().execute('delete from state')));

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const execute = (sql: string, parameters: unknown[] = []) => database.orm.em.fork().execute<any[]>(sql, parameters);
const known = async () => (await database.state.get(recipientKey('alice')))?.value as Recipient;
const digests = async (): Promise<Delivery[]> =>
  (await execute(`select convert_from(value, 'UTF8')::jsonb as value from state where key like 'delivery-%'`)).map(
    ({ value }) => value,
  );

async function prefers(kinds: Partial<Preferences['kinds'][number]>[], periods: Recipient['digests']): Promise<void> {
  const preferences = { ...defaultPreferences, kinds: kinds.map((kind) => ({ quiet: true, ...kind })) } as Preferences;
  const value = alice({ email: 'alice@example.com', preferences, digests: periods });
  await database.state.transact([{ op: 'create', key: recipientKey('alice'), value }]);
}

let ids = 0;
/** An entry that was recorded some minutes ago, for a digest. */
async function entry(kind: NotificationKind, minutes: number, digest: Digest, ownerId = 'alice'): Promise<string> {
  const id = `n${(ids += 1)}`;
  const createdAt = ago(minutes);
  const value: FeedDocument = { id, ownerId, taskId: 't1', kind, message: id, createdAt, readAt: null, digest };
  await database.state.transact([{ op: 'create', key: notificationKey(id), value }]);
  await execute('update notification set recorded_at = ? where id = ?', [createdAt, id]);
  return id;
}

it('sends one digest of what its kinds gathered since the last, once however often the job runs', async () => {
  await prefers(
    [
      { kind: 'TASK_CREATED', channels: ['EMAIL'], digest: 'DAILY' },
      { kind: 'TASK_UPDATED', channels: ['EMAIL'], digest: 'WEEKLY' },
      { kind: 'TASK_DELETED', channels: ['EMAIL'], digest: 'NONE' },
    ],
    { DAILY: { since: ago(60), nextAt: ago(1) }, WEEKLY: { since: ago(60), nextAt: ago(-60) } },
  );
  await entry('TASK_CREATED', 61, 'DAILY');
  const [older, newer] = [await entry('TASK_CREATED', 40, 'DAILY'), await entry('TASK_CREATED', 20, 'DAILY')];
  await entry('TASK_UPDATED', 20, 'WEEKLY');
  await entry('TASK_DELETED', 20, 'NONE');
  await entry('TASK_CREATED', 20, 'DAILY', 'bob');
  // It may stand beside one that is not there to be seen yet: the next digest has both.
  const fresh = await entry('TASK_CREATED', 1, 'DAILY');

  await Promise.all([runDigests(app), runDigests(app)]);
  await runDigests(app);
  const [digest, ...more] = await digests();
  expect(more).toEqual([]);
  expect(digest).toMatchObject({ channel: 'EMAIL', notificationId: null, status: 'PENDING' });
  expect(digest?.content).toMatchObject({ type: 'digest', count: 2 });
  expect(digest?.content.items.map(({ notificationId }) => notificationId)).toEqual([newer, older]);
  const { digests: periods } = await known();
  expect(Date.parse(periods.DAILY?.nextAt ?? '')).toBeGreaterThan(Date.now());
  expect(Date.parse(periods.DAILY?.since ?? '')).toBeLessThan(Date.now() - 119_000);

  // A day later.
  await execute(`delete from state where key like 'delivery-%'`);
  const recipient = await database.state.get(recipientKey('alice'));
  const daily = { since: ago(3), nextAt: ago(0) };
  await execute('update notification set recorded_at = ? where id = ?', [ago(2.5), fresh]);
  await database.state.transact([
    {
      op: 'replace',
      key: recipientKey('alice'),
      etag: recipient?.etag ?? '',
      value: { ...(recipient?.value as Recipient), digests: { DAILY: daily } },
    },
  ]);
  await runDigests(app);
  expect((await digests()).map(({ content }) => content.items.map(({ message }) => message))).toEqual([[fresh]]);
});

it('tells the latest one by one, and how many there are in all; of nothing it sends nothing', async () => {
  const period = { since: ago(60), nextAt: ago(1) };
  await prefers([{ kind: 'TASK_CREATED', channels: ['EMAIL'], digest: 'DAILY' }], { DAILY: period });
  for (let i = 0; i < MAX_ITEMS + 3; i += 1) await entry('TASK_CREATED', 30, 'DAILY');
  await runDigests(app);
  const [digest] = await digests();
  expect([digest?.content.count, digest?.content.items.length]).toEqual([MAX_ITEMS + 3, MAX_ITEMS]);

  await execute('delete from state');
  await prefers([{ kind: 'TASK_CREATED', channels: ['EMAIL'], digest: 'DAILY' }], { DAILY: period });
  await runDigests(app);
  expect(await digests()).toEqual([]);
  expect(Date.parse((await known()).digests.DAILY?.nextAt ?? '')).toBeGreaterThan(Date.now());
});

it('tells nothing twice and leaves nothing out where preferences change between digests', async () => {
  await prefers(
    [
      // Sent by themselves until a moment ago.
      { kind: 'TASK_CREATED', channels: ['EMAIL'], digest: 'DAILY' },
      // In the daily digest until a moment ago.
      { kind: 'TASK_UPDATED', channels: ['EMAIL'], digest: 'WEEKLY' },
      { kind: 'TASK_DELETED', channels: ['EMAIL'], digest: 'NONE' },
      { kind: 'TASK_COMPLETED', channels: [], digest: 'DAILY' },
    ],
    { DAILY: { since: ago(60), nextAt: ago(1) } },
  );
  await entry('TASK_CREATED', 20, 'NONE');
  const gathered = [await entry('TASK_UPDATED', 20, 'DAILY'), await entry('TASK_DELETED', 19, 'DAILY')];
  await entry('TASK_COMPLETED', 18, 'DAILY');
  await runDigests(app);
  const told = (await digests()).flatMap(({ content }) => content.items.map(({ message }) => message));
  expect(told.toSorted()).toEqual(gathered.toSorted());
});

/** What is known of alice after a change, as of now. */
async function change(of: (recipient: Recipient) => Partial<Recipient>): Promise<void> {
  const { value, etag } = (await database.state.get(recipientKey('alice'))) as { value: Recipient; etag: string };
  const changed = { ...value, ...of(value) };
  await database.state.transact([{ op: 'replace', key: recipientKey('alice'), value: changed, etag }]);
}

it('ends a digest that is turned off once all that it gathered before is told', async () => {
  await prefers([{ kind: 'TASK_CREATED', channels: ['EMAIL'], digest: 'DAILY' }], {
    DAILY: { since: ago(60), nextAt: ago(1) },
  });
  const fresh = await entry('TASK_CREATED', 1, 'DAILY');
  await change((recipient) => {
    const preferences = {
      ...defaultPreferences,
      kinds: [{ kind: 'TASK_CREATED', channels: ['EMAIL'], digest: 'NONE', quiet: true }],
    };
    return { preferences, digests: digestsOf(recipient, preferences as Preferences, new Date()) } as Partial<Recipient>;
  });
  await runDigests(app);
  // It is there for certain only after a while.
  expect(await digests()).toEqual([]);
  expect(await known()).toMatchObject({ digests: { DAILY: { offAt: expect.any(String) } } });

  await execute('update notification set recorded_at = ? where id = ?', [ago(10), fresh]);
  await change(() => ({ digests: { DAILY: { since: ago(11), nextAt: ago(0), offAt: ago(9) } } }));
  await runDigests(app);
  expect((await digests()).map(({ content }) => content.items.map(({ message }) => message))).toEqual([[fresh]]);
  expect((await known()).digests).toEqual({});
});

it('sends a digest that is due where preferences change before it could be, and ends none that is wanted again', async () => {
  await prefers([{ kind: 'TASK_CREATED', channels: ['EMAIL'], digest: 'DAILY' }], {
    DAILY: { since: ago(60), nextAt: ago(1), offAt: ago(50) },
  });
  await entry('TASK_CREATED', 20, 'DAILY');
  await change((recipient) => ({ digests: digestsOf(recipient, recipient.preferences, new Date()) }));
  await runDigests(app);
  expect(await digests()).toHaveLength(1);
  const { DAILY } = (await known()).digests;
  expect(Object.keys(DAILY ?? {}).toSorted()).toEqual(['nextAt', 'since']);
});

it('has no recipient wait for others whose digests fail', async () => {
  const due = { ...alice({ email: 'alice@example.com' }), digests: { DAILY: { since: ago(60), nextAt: ago(9) } } };
  const broken = Array.from({ length: 230 }, (_, i) => `recipient-broken-${`${i}`.padStart(3, '0')}`);
  await database.state.transact(broken.map((key) => ({ op: 'create', key, value: { ...due, ownerId: key } })));
  await prefers([{ kind: 'TASK_CREATED', channels: ['EMAIL'], digest: 'DAILY' }], {
    DAILY: { since: ago(60), nextAt: ago(1) },
  });
  await entry('TASK_CREATED', 20, 'DAILY');
  const state: AppContext['state'] = {
    ...app.state,
    get: async (key) => (broken.includes(key) ? Promise.reject(new Error(key)) : app.state.get(key)),
  };
  await expect(runDigests({ ...app, state })).rejects.toThrow('230 digests failed');
  expect(await digests()).toHaveLength(1);
});
