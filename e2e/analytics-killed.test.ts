import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { killPart, startPart } from '@todo/dev/control/client';
import { createEvent } from '@todo/service/events';
import pg from 'pg';
import { eventually } from './stack/eventually.ts';
import { DATA } from './stack/paths.ts';
import { publishBulk } from './stack/publish.ts';
import { ready } from './stack/ready.ts';

const TASKS = 5_000;
const BULK = 250;
const PARTS = ['analytics-service', 'analytics-service-dapr'];

const client = new pg.Client({ connectionString: ready().databases['analytics'] });
/** Other services are given the same events. */
const OTHERS = ['notification-service', 'scheduler-service'];
let before: number[];
beforeAll(async () => {
  await client.connect();
  before = await Promise.all(OTHERS.map(handledBy));
});
afterAll(async () => {
  await client.end();
  // Whatever fails here, the tests that follow need them, and should not have to wait for what is in the way.
  for (const part of PARTS) await startPart(DATA, part);
  await eventually(async () => {
    const after = await Promise.all(OTHERS.map(handledBy));
    after.forEach((handled, i) => expect(handled - (before[i] ?? 0)).toBeGreaterThanOrEqual(2 * TASKS));
  }, 300_000);
}, 420_000);

async function count(sql: string, ...parameters: unknown[]): Promise<number> {
  return (
    (await client.query<{ count: number }>(`select count(*)::integer as count from ${sql}`, parameters)).rows[0]
      ?.count ?? 0
  );
}

/** Events that an app has handled since it started. */
async function handledBy(app: string): Promise<number> {
  const { port } = ready().apps[app] as { port: number };
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return [...text.matchAll(/^events_handled_total{.*outcome="success".*} (\d+)/gm)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  );
}

it('every event has its effect exactly once, however often analytics and its sidecar are killed meanwhile', async () => {
  const ownerId = `killed-${randomUUID()}`;
  const at = new Date().toISOString();
  const tasks = Array.from({ length: TASKS }, () => ({
    id: randomUUID(),
    ownerId,
    title: 'Killed',
    description: null,
    status: 'PENDING' as const,
    priority: 'NORMAL' as const,
    tags: ['a'],
    dueAt: null,
    dueTimeZone: null,
    checklist: [],
    createdAt: at,
    updatedAt: at,
    completedAt: null,
    version: 1,
  }));
  // The last fifth waits for the last kill, so that each comes in the middle however fast all is.
  const lastKill = Promise.withResolvers<void>();
  const publishing = (async () => {
    for (let i = 0; i < TASKS; i += BULK) {
      if (i >= 0.8 * TASKS) await lastKill.promise;
      const some = tasks.slice(i, i + BULK);
      const source = 'task-service';
      const eventsOf = (topic: 'task.created' | 'task.completed', more: object) =>
        some.map((task) => createEvent(topic, { source, subject: task.id, time: at, data: { ...task, ...more } }));
      await publishBulk(
        'task.completed',
        eventsOf('task.completed', { status: 'COMPLETED', completedAt: at, version: 2 }),
      );
      await publishBulk('task.created', eventsOf('task.created', {}));
    }
  })();
  const changes = () => count('task_change where owner_id = $1', ownerId);
  for (const [part, share] of [
    ['analytics-service', 0.1],
    ['analytics-service-dapr', 0.35],
    ['analytics-service', 0.6],
  ] as const) {
    await eventually(async () => expect(await changes()).toBeGreaterThan(2 * TASKS * share), 120_000);
    await killPart(DATA, part);
    expect(await changes()).toBeLessThan(2 * TASKS);
    await startPart(DATA, part);
  }
  lastKill.resolve();
  await publishing;
  await eventually(async () => expect(await changes()).toBe(2 * TASKS), 180_000);

  expect(await count('task_fact where owner_id = $1 and version = 2', ownerId)).toBe(TASKS);
  const sums = await client.query(
    `select dimension, sum(created)::integer as created, sum(done)::integer as done, sum(completed)::integer as completed
     from activity where owner_id = $1 group by 1 order by 1`,
    [ownerId],
  );
  const all = { created: TASKS, done: TASKS, completed: TASKS };
  const dimensions = ['hour', 'priority', 'priority-month', 'tag', 'tag-month'];
  expect(sums.rows).toEqual(dimensions.map((dimension) => ({ dimension, ...all })));
}, 600_000);
