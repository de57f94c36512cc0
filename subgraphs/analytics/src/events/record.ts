import { DriverException } from '@mikro-orm/core';
import type { DomainEvent } from '@todo/service/events';
import { enterInbox } from '@todo/service/inbox';
import { PoisonEvent } from '@todo/service/subscriber';
import type { AppContext } from '../context.ts';
import { metrics } from '../metrics.ts';
import { writing } from '../writing.ts';

/** What becomes of tasks, by topic. */
const kinds = {
  'task.created': 'CREATED',
  'task.updated': 'UPDATED',
  'task.completed': 'COMPLETED',
  'task.deleted': 'DELETED',
} as const;
export type TaskTopic = keyof typeof kinds;

/**
 * Records what became of tasks, all of it in one transaction or nothing, and each event once, however often it comes. A
 * task's newest version decides: late events fill in its history only.
 * @throws PoisonEvent where one of them is nothing that the database can ever hold
 */
export async function record<T extends TaskTopic>(
  app: Pick<AppContext, 'orm'>,
  topic: T,
  events: readonly DomainEvent<T>[],
): Promise<void> {
  try {
    const fresh = await writing(app, async (em) => {
      const entered = await enterInbox((sql, parameters) => em.execute(sql, parameters), events);
      if (entered.length > 0)
        await em.execute(recordSql, [JSON.stringify(entered.map((event) => rowOf(topic, event)))]);
      return entered;
    });
    observe(topic, fresh, events.length);
  } catch (error) {
    if (isRefused(error)) throw new PoisonEvent(`the database refuses it: ${error.message}`, { cause: error });
    throw error;
  }
}

const rowOf = (topic: TaskTopic, { id, time, data }: DomainEvent<TaskTopic>) => ({
  id,
  at: time,
  kind: kinds[topic],
  task_id: data.id,
  owner_id: data.ownerId,
  version: data.version,
  status: data.status,
  priority: data.priority,
  tags: data.tags,
  created_at: data.createdAt,
  completed_at: data.completedAt,
  due_at: data.dueAt,
});

/** One statement however many events there are; the triggers on `task_fact` see to the figures. */
const recordSql = `
  with given as (
    select * from jsonb_to_recordset(?::jsonb) as e (id text, at timestamptz, kind text, task_id text, owner_id text,
      version bigint, status text, priority text, tags text[], created_at timestamptz, completed_at timestamptz,
      due_at timestamptz)
  ), history as (
    insert into task_change (task_id, version, at, id, owner_id, kind, status, priority, tags, due_at)
    select task_id, version, at, id, owner_id, kind, status, priority, tags, due_at from given
    on conflict do nothing
  )
  insert into task_fact as f
    (id, owner_id, version, status, priority, tags, created_at, completed_at, due_at, deleted_at, changed_at)
  select distinct on (task_id) task_id, owner_id, version, status, priority, tags, created_at, completed_at, due_at,
    case when kind = 'DELETED' then at end, at
  from given
  order by task_id, version desc, at desc
  on conflict (id) do update set
    owner_id = excluded.owner_id, version = excluded.version, status = excluded.status, priority = excluded.priority,
    tags = excluded.tags, created_at = excluded.created_at, completed_at = excluded.completed_at,
    due_at = excluded.due_at, deleted_at = excluded.deleted_at, changed_at = excluded.changed_at
  where (excluded.version, excluded.changed_at) > (f.version, f.changed_at)`;

function observe(topic: TaskTopic, fresh: readonly DomainEvent<TaskTopic>[], given: number): void {
  const now = Date.now();
  metrics.bulk.observe(fresh.length);
  metrics.duplicates.inc(given - fresh.length);
  if (topic === 'task.created') metrics.created.inc(fresh.length);
  for (const { time, data } of fresh) {
    metrics.inboxLag.observe((now - Date.parse(time)) / 1000);
    if (topic === 'task.completed' && data.completedAt !== null)
      metrics.completion.observe((Date.parse(data.completedAt) - Date.parse(data.createdAt)) / 1000);
  }
}

/** Data exceptions, broken constraints, exceeded limits (SQLSTATE classes 22, 23, 54): trying again helps none of them. */
const isRefused = (error: unknown): error is DriverException =>
  error instanceof DriverException && /^(22|23|54)/.test(String(error.code));
