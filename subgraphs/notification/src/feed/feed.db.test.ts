import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createEvent } from '@todo/service/events';
import { migrate } from '@todo/service/orm';
import { addToFeed } from '../events/add-to-feed.ts';
import { type FeedEntry, notificationKey } from '../feed-entry.ts';
import type { UserResolvers } from '../generated/resolvers.ts';
import { notifications, unreadNotifications } from '../resolvers/user-notifications.ts';
import { requestOf, testApp } from '../testing/context.ts';
import { startNotificationDatabase, type TestDatabase } from '../testing/database.ts';
import { markAllRead, markRead } from './mark-read.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startNotificationDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => void (await database.orm.em.fork().execute('delete from state')));

const app = () => testApp(database);
const call = (resolver: any, sub: string, args: object = {}, id = sub) => resolver({ id }, args, requestOf(app(), sub));
const feed = async (sub: string, args: object = {}, id = sub): Promise<FeedEntry[]> =>
  (await call(notifications satisfies UserResolvers['notifications'], sub, { first: 20, unread: false, ...args }, id))
    .nodes;
const unread = (sub: string, id = sub): Promise<number> => call(unreadNotifications, sub, {}, id);

let events = 0;
async function add(ownerId: string, message: string): Promise<void> {
  const data = { ownerId, reminderId: 'r1', kind: 'DUE' as const, title: 'x', dueAt: null, version: 1 };
  const id = `e${(events += 1)}`;
  const event = createEvent('task.reminder', { id, source: 'scheduler-service', subject: 't1', data });
  const told = { event, kind: 'TASK_REMINDER', message } as const;
  await addToFeed(app(), [told, told]);
  await addToFeed(app(), [told]);
}

it('holds an event once, newest first, for its own user', async () => {
  for (const message of ['one', 'two', 'three']) await add('alice', message);
  await add('bob', 'other');
  expect((await feed('alice')).map(({ message }) => message)).toEqual(['three', 'two', 'one']);
  expect(await unread('alice')).toBe(3);
  expect([await feed('bob', {}, 'alice'), await unread('bob', 'alice')]).toEqual([[], 0]);
});

it('marks one as read, once, and keeps the time that it has left', async () => {
  for (const message of ['one', 'two']) await add('alice', message);
  const [two, one] = await feed('alice');
  const key = notificationKey(one?.id ?? '');
  const read = await markRead(requestOf(app(), 'alice'), one?.id ?? '', undefined);
  expect(read.readAt).toEqual(expect.any(String));
  expect((await markRead(requestOf(app(), 'alice'), one?.id ?? '', undefined)).readAt).toBe(read.readAt);
  expect((await feed('alice', { unread: true })).map(({ id }) => id)).toEqual([two?.id]);
  const [{ left }] = await database.orm.em
    .fork()
    .execute<[{ left: number }]>(
      `select round(extract(epoch from expires_at - now()) / 86400)::integer as left from state where key = ?`,
      [key],
    );
  expect(left).toBe(90);
  await expect(markRead(requestOf(app(), 'bob'), two?.id ?? '', undefined)).rejects.toMatchObject({
    extensions: { code: 'NOT_FOUND' },
  });
  expect(await unread('alice')).toBe(1);
});

it('marks all up to a time as read, leaves what comes later, and remembers when each was read first', async () => {
  await add('alice', 'one');
  await add('bob', 'other');
  await markAllRead(app(), 'alice', null, undefined);
  const [one] = await feed('alice');
  expect([one?.readAt, await unread('alice'), await unread('bob')]).toEqual([expect.any(String), 0, 1]);
  await add('alice', 'two');
  expect((await feed('alice', { unread: true })).map(({ message }) => message)).toEqual(['two']);
  await markAllRead(app(), 'alice', one?.createdAt, undefined);
  expect(await unread('alice')).toBe(1);
  const again = await markRead(requestOf(app(), 'alice'), one?.id ?? '', undefined);
  await markAllRead(app(), 'alice', null, undefined);
  expect([again.readAt, (await feed('alice'))[1]?.readAt]).toEqual([one?.readAt, one?.readAt]);
});

it('shows nothing older than 90 days, and forgets it with the document', async () => {
  await add('alice', 'old');
  const em = database.orm.em.fork();
  await em.execute(`update notification set created_at = now() - interval '91 days'`);
  expect([await feed('alice'), await unread('alice')]).toEqual([[], 0]);
  // As Dapr does once the time to live is over.
  await em.execute(`delete from state where key like 'notification-%'`);
  expect(await em.execute('select id from notification')).toEqual([]);
});

it('gives entries from before the feed had an end one, and keeps what was read', async () => {
  const before = await startNotificationDatabase('001-feed-projection');
  const entry: FeedEntry = {
    id: 'n1',
    ownerId: 'alice',
    taskId: 't1',
    kind: 'TASK_CREATED',
    message: 'x',
    createdAt: new Date(Date.now() - 30 * 86_400_000).toISOString(),
    readAt: new Date().toISOString(),
  };
  await before.state.transact([{ op: 'create', key: notificationKey('n1'), value: entry }]);
  await migrate(before.orm);
  const [row] = await before.orm.em.fork().execute<{ left: number; read: boolean }[]>(
    `select round(extract(epoch from s.expires_at - now()) / 86400)::integer as left, n.read_at is not null as read
       from state s join notification n on s.key = 'notification-' || n.id`,
  );
  expect(row).toEqual({ left: 60, read: true });
  await before.stop();
});
