import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import type { Dapr } from './dapr.ts';
import { createEvent } from './events.ts';
import { createLogger } from './logger.ts';
import { outboxEntry, outboxIndexSql, type OutboxRelay, startOutboxRelay } from './outbox.ts';
import { startPostgres, type TestPostgres } from './testing/postgres.ts';
import { stateTable } from './testing/state.ts';
import type { TopicName } from './topics.ts';

type Send = (path: string, options: { body: { entryId: string }[] }) => Promise<{ status: number; body: string }>;
const send = jest.fn<Send>();
let postgres: TestPostgres;
let sql: pg.Client;
let relay: OutboxRelay | undefined;
beforeAll(async () => {
  postgres = await startPostgres();
  sql = new pg.Client({ connectionString: postgres.url });
  await sql.connect();
  await sql.query(stateTable);
  await sql.query(outboxIndexSql);
});
afterEach(async () => {
  await relay?.stop();
  await sql.query('delete from state');
});
afterAll(async () => {
  await sql.end();
  await postgres.stop();
});

async function write(topic: TopicName, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const data = {
      ownerId: 'alice',
      notification: { id: `n${i}`, kind: 'TASK_CREATED', message: 'm', createdAt: '2030-01-01T00:00:00.000Z' },
    };
    const { id, ...event } = createEvent('notification.created', { source: 'test', subject: 't1', data });
    const { key, value } = outboxEntry(topic, { id, ...event } as never) as { key: string; value: unknown };
    await sql.query('insert into state (key, value) values ($1, $2)', [key, Buffer.from(JSON.stringify(value))]);
    ids.push(id);
  }
  return ids;
}

/** Resolves once the broker took as many events; gives their ids, in order. */
const taken = (count: number, refuses: (topic: string) => boolean): Promise<string[]> =>
  new Promise((resolve) => {
    const ids: string[] = [];
    send.mockImplementation(async (path, { body }) => {
      if (refuses(path.split('/').at(-1) ?? '')) return { status: 500, body: 'no' };
      ids.push(...body.map(({ entryId }) => entryId));
      if (ids.length >= count) resolve(ids);
      return { status: 204, body: '' };
    });
  });

const start = () =>
  (relay = startOutboxRelay({
    databaseUrl: postgres.url,
    dapr: { send } as unknown as Dapr,
    logger: createLogger('test', 'silent'),
  }));

it('goes on with other topics, however much there is of one that the broker refuses, and with that one in order', async () => {
  const refused = await write('task.created', 250);
  const others = await write('task.updated', 120);
  const first = taken(others.length, (topic) => topic === 'task.created');
  start();
  expect(await first).toEqual(others);
  expect(await taken(refused.length, () => false)).toEqual(refused);
});
