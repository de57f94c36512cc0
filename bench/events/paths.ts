import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { startPart, stopPart } from '@todo/dev/control/client';
import type { Ready } from '@todo/dev/start/ready';
import pg from 'pg';
import { invoke } from '../stack.ts';
import type { Publication } from './traffic.ts';

const BATCH = 100;
const POLL_MS = 20;
/** Without anything new for so long, in milliseconds, something is wrong. */
const STALLED_MS = 60_000;

/** Waits until as many are there as are wanted. @returns milliseconds since `begin` @throws where no more come */
async function until(wanted: number, begin: number, count: () => Promise<number> | number): Promise<number> {
  let last = { count: 0, at: performance.now() };
  for (;;) {
    const now = await count();
    if (now >= wanted) return performance.now() - begin;
    if (now > last.count) last = { count: now, at: performance.now() };
    if (performance.now() - last.at > STALLED_MS) throw new Error(`${now} of ${wanted} events came`);
    await delay(POLL_MS);
  }
}

/**
 * Puts events into the outbox, as Dapr does, and waits until the last one has had its effect in analytics. A mutation has
 * the relay begin at once. @returns milliseconds from the commit on
 */
export async function fromOutboxToInbox(ready: Ready, ownerId: string, all: readonly Publication[]): Promise<number> {
  const [task, analytics] = ['task', 'analytics'].map(
    (name) => new pg.Client({ connectionString: ready.databases[name] }),
  ) as [pg.Client, pg.Client];
  await Promise.all([task.connect(), analytics.connect()]);
  try {
    await task.query(
      `insert into state (key, value)
       select concat_ws('-', 'outbox', value ->> 'topic', value -> 'event' ->> 'id'), convert_to(value::text, 'UTF8')
       from jsonb_array_elements($1::jsonb) with ordinality as e (value, place) order by place`,
      [JSON.stringify(all)],
    );
    const begin = performance.now();
    const create = `mutation { createTask(input: { title: "Begin" }) { id } }`;
    await invoke(ready, 'task-service', { sub: 'bench-nudge', scopes: [], claims: {} }, create, {});
    const sql = `select count(*)::integer as count from task_change where owner_id = $1`;
    return await until(all.length, begin, async () => {
      const { rows } = await analytics.query<{ count: number }>(sql, [ownerId]);
      return rows[0]?.count ?? 0;
    });
  } finally {
    await Promise.all([task.end(), analytics.end()]);
  }
}

/** What stands in analytics' place and takes whatever comes. */
export async function takeAnalyticsPlace(
  data: string,
  ready: Ready,
): Promise<{ taken: Set<string>; stop(): Promise<void> }> {
  await stopPart(data, 'analytics-service');
  const taken = new Set<string>();
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      if (!request.url?.startsWith('/events/'))
        return response.writeHead(request.method === 'POST' ? 404 : 200).end('{}');
      const { entries } = JSON.parse(Buffer.concat(chunks).toString()) as {
        entries: { entryId: string; event: { id: string } }[];
      };
      for (const { event } of entries) taken.add(event.id);
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify({ statuses: entries.map(({ entryId }) => ({ entryId, status: 'SUCCESS' })) }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(ready.apps['analytics-service']?.port, '127.0.0.1', resolve);
  });
  return {
    taken,
    async stop() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await startPart(data, 'analytics-service');
    },
  };
}

/** Publishes events in bulk, as the relay does, and waits until all are delivered. @returns milliseconds */
export async function throughDapr(
  ready: Ready,
  taken: ReadonlySet<string>,
  all: readonly Publication[],
): Promise<number> {
  const sidecar = ready.apps['task-service'];
  if (!sidecar) throw new Error('the stack has no task-service');
  const before = taken.size;
  const begin = performance.now();
  for (let i = 0; i < all.length; i += BATCH) {
    const byTopic = Map.groupBy(all.slice(i, i + BATCH), ({ topic }) => topic);
    await Promise.all(
      [...byTopic].map(async ([topic, some]) => {
        const { status } = await fetch(
          `http://127.0.0.1:${sidecar.daprHttpPort}/v1.0/publish/bulk/task-events/${topic}`,
          {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'dapr-api-token': sidecar.daprApiToken },
            body: JSON.stringify(
              some.map(({ key, event }) => ({
                entryId: event.id,
                event,
                contentType: 'application/cloudevents+json',
                metadata: { partitionKey: key },
              })),
            ),
          },
        );
        if (status !== 204) throw new Error(`publishing to ${topic}: status ${status}`);
      }),
    );
  }
  return until(all.length, begin, () => taken.size - before);
}
