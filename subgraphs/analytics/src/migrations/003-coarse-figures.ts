import { Migration } from '@mikro-orm/migrations';
import { WRITING_LOCK } from '../writing.ts';

/** Rows that are summed up at a time, and what else there is of the last one's owner. */
const BATCH = 100_000;

/**
 * Coarser figures beside those of quarters of an hour, so that a report reads few rows however many tasks there are; and
 * the times that tasks took in one row for each slot. What is there already is summed up, while events wait.
 */
export class CoarseFigures extends Migration {
  override async up(): Promise<void> {
    await this.execute(`select pg_advisory_xact_lock(?)`, [WRITING_LOCK]);
    for (const sql of [slotFunction, histogramTable]) await this.execute(sql);
    const log = this.config.get('logger');
    let done = 0;
    for (let last = ''; ;) {
      const [{ end, rows }] = (await this.execute(
        `select max(owner_id) as "end", count(*)::integer as rows from (
           select owner_id from activity where owner_id > ? order by owner_id limit ${BATCH}
         ) b`,
        [last],
      )) as [{ end: string | null; rows: number }];
      if (end === null) break;
      await this.execute(sumUpTimes('quarter', 'owner_id > ? and owner_id <= ?'), [last, end]);
      await this.execute(sumUpTimes('hour', 'owner_id > ? and owner_id <= ?'), [last, end]);
      await this.execute(sumUpCounts, [last, end]);
      last = end;
      done += rows;
      log(`coarser figures: of at least ${done.toLocaleString('en')} rows so far`);
    }
    await this.execute(sumUpTimes('day', `owner_id = ''`));
    for (const sql of [`drop table completion_time`, completionTimeView, deleteTimes]) await this.execute(sql);
    for (const sql of [`drop function completion_of`, completionOf, activityOf, countTasks, onUpdate])
      await this.execute(sql);
    await this.execute(`drop function activity_slot`);
  }
}

const slotFunction = `
  create function figure_slot(grain text, at timestamptz) returns timestamptz language sql stable as $$
    select case grain
      when 'quarter' then date_bin('15 minutes', at, timestamptz '2000-01-01T00:00:00Z')
      else date_trunc(grain, at, 'UTC')
    end
  $$`;

// How long the tasks took that were completed in a slot: so many of `tasks` are in the bucket at the same place of
// `buckets`, which ascend. An owner's are by quarters of an hour and by hours, those of all owners together by days.
const histogramTable = `
  create table completion_histogram (
    owner_id text not null,
    grain text not null,
    slot timestamptz not null,
    buckets smallint[] not null,
    tasks integer[] not null,
    primary key (owner_id, grain, slot)
  )`;

const sumUpTimes = (grain: 'quarter' | 'hour' | 'day', owners: string): string => `
  insert into completion_histogram (owner_id, grain, slot, buckets, tasks)
  select owner_id, '${grain}', slot, array_agg(bucket order by bucket), array_agg(tasks order by bucket) from (
    select owner_id, figure_slot('${grain}', slot) as slot, bucket, sum(tasks)::integer as tasks
    from completion_time where ${owners} group by 1, 2, 3
  ) t
  group by owner_id, slot order by owner_id, slot`;

const sumUpCounts = `
  insert into activity (owner_id, dimension, slot, value, created, done, open, completed, deleted, overdue)
  select a.owner_id, k.dimension, figure_slot(k.grain, a.slot), case k.grain when 'hour' then '' else a.value end,
    sum(a.created), sum(a.done), sum(a.open), sum(a.completed), sum(a.deleted), sum(a.overdue)
  from activity a join (
    values ('priority', 'hour', 'hour'), ('priority', 'priority-month', 'month'), ('tag', 'tag-month', 'month')
  ) k (fine, dimension, grain) on k.fine = a.dimension
  where a.owner_id > ? and a.owner_id <= ?
  group by 1, 2, 3, 4 order by 1, 2, 3, 4`;

// What the version before this one reads.
const completionTimeView = `
  create view completion_time as
    select owner_id, slot, unnest(buckets) as bucket, unnest(tasks) as tasks
    from completion_histogram where grain in ('quarter', 'day')`;

// Its rebuild deletes all of them.
const deleteTimes = `
  create rule delete_times as on delete to completion_time do instead delete from completion_histogram`;

// An owner's figures by priority and by tag are by quarters of an hour and, in dimensions of their own, by months; those of
// all of the owner's tasks (the value '') by hours. Those of all owners together, under the owner '', are by days.
const activityOf = `
  create or replace function activity_of(task task_fact)
  returns table (owner_id text, dimension text, slot timestamptz, value text, created integer, done integer,
    open integer, completed integer, deleted integer, overdue integer)
  language sql stable as $$
    select k.owner_id, k.dimension, figure_slot(k.grain, m.at), k.value,
      m.created, m.done, m.open, m.completed, m.deleted, m.overdue
    from (
      values
        (task.created_at, 1, (task.completed_at is not null)::integer,
          (task.deleted_at is null and task.status in ('PENDING', 'IN_PROGRESS'))::integer, 0, 0, 0),
        (task.completed_at, 0, 0, 0, 1, 0, 0),
        (task.deleted_at, 0, 0, 0, 0, 1, 0),
        (case when task.status <> 'CANCELLED'
           and task.due_at < coalesce(least(task.completed_at, task.deleted_at), 'infinity')
         then task.due_at end, 0, 0, 0, 0, 0, 1)
    ) m (at, created, done, open, completed, deleted, overdue)
    cross join (
      values (task.owner_id, 'priority', 'quarter', task.priority), (task.owner_id, 'priority-month', 'month', task.priority),
        (task.owner_id, 'hour', 'hour', ''), ('', 'priority', 'day', task.priority)
      union
      select task.owner_id, k.dimension, k.grain, tag
      from unnest(task.tags) tag cross join (values ('tag', 'quarter'), ('tag-month', 'month')) k (dimension, grain)
    ) k (owner_id, dimension, grain, value)
    where m.at is not null
  $$`;

const completionOf = `
  create function completion_of(task task_fact)
  returns table (owner_id text, grain text, slot timestamptz, bucket smallint) language sql stable as $$
    select k.owner_id, k.grain, figure_slot(k.grain, task.completed_at),
      ceil(ln(greatest(1, extract(epoch from task.completed_at - task.created_at)::float8)) / ln(1.05::float8))::smallint
    from (values (task.owner_id, 'quarter'), (task.owner_id, 'hour'), ('', 'day')) k (owner_id, grain)
    where task.completed_at is not null
  $$`;

// Always in the order of the keys, so that writers wait for one another rather than deadlock. Rows of nothing go away.
const countTasks = `
  create or replace function count_tasks(before task_fact[], after task_fact[]) returns void language plpgsql as $$
  declare
    no_activity activity[];
    no_times completion_histogram[];
  begin
    with counted as (
      insert into activity as a (owner_id, dimension, slot, value, created, done, open, completed, deleted, overdue)
      select d.owner_id, d.dimension, d.slot, d.value, sum(sign * d.created), sum(sign * d.done), sum(sign * d.open),
        sum(sign * d.completed), sum(sign * d.deleted), sum(sign * d.overdue)
      from (
        select 1 as sign, f.* from unnest(after) t cross join lateral activity_of(t) f
        union all
        select -1, f.* from unnest(before) t cross join lateral activity_of(t) f
      ) d
      group by d.owner_id, d.dimension, d.slot, d.value
      having (sum(sign * d.created), sum(sign * d.done), sum(sign * d.open), sum(sign * d.completed),
        sum(sign * d.deleted), sum(sign * d.overdue)) <> (0, 0, 0, 0, 0, 0)
      order by d.owner_id, d.dimension, d.slot, d.value
      on conflict (owner_id, dimension, slot, value) do update set
        created = a.created + excluded.created, done = a.done + excluded.done, open = a.open + excluded.open,
        completed = a.completed + excluded.completed, deleted = a.deleted + excluded.deleted,
        overdue = a.overdue + excluded.overdue
      returning a.*
    )
    select array_agg(c::activity) into no_activity from counted c
    where (c.created, c.done, c.open, c.completed, c.deleted, c.overdue) = (0, 0, 0, 0, 0, 0);

    with counted as (
      insert into completion_histogram as h (owner_id, grain, slot, buckets, tasks)
      select b.owner_id, b.grain, b.slot, array_agg(b.bucket order by b.bucket), array_agg(b.tasks order by b.bucket)
      from (
        select d.owner_id, d.grain, d.slot, d.bucket, sum(sign)::integer as tasks
        from (
          select 1 as sign, f.* from unnest(after) t cross join lateral completion_of(t) f
          union all
          select -1, f.* from unnest(before) t cross join lateral completion_of(t) f
        ) d
        group by d.owner_id, d.grain, d.slot, d.bucket
        having sum(sign) <> 0
      ) b
      group by b.owner_id, b.grain, b.slot
      order by b.owner_id, b.grain, b.slot
      on conflict (owner_id, grain, slot) do update set (buckets, tasks) = (
        select coalesce(array_agg(s.bucket order by s.bucket), '{}'), coalesce(array_agg(s.tasks order by s.bucket), '{}')
        from (
          select b.bucket, sum(b.tasks)::integer as tasks
          from (
            select * from unnest(h.buckets, h.tasks) union all select * from unnest(excluded.buckets, excluded.tasks)
          ) b (bucket, tasks)
          group by b.bucket
          having sum(b.tasks) <> 0
        ) s
      )
      returning h.*
    )
    select array_agg(c::completion_histogram) into no_times from counted c where c.buckets = '{}';

    if no_activity is not null then
      delete from activity a using unnest(no_activity) n
      where (a.owner_id, a.dimension, a.slot, a.value) = (n.owner_id, n.dimension, n.slot, n.value);
    end if;
    if no_times is not null then
      delete from completion_histogram h using unnest(no_times) n
      where (h.owner_id, h.grain, h.slot) = (n.owner_id, n.grain, n.slot);
    end if;
  end
  $$`;

// Most updates are of what no figure is of.
const onUpdate = `
  create or replace function count_tasks_on_update() returns trigger language plpgsql as $$
  declare
    before task_fact[];
    after task_fact[];
  begin
    select array_agg(row(b.*)::task_fact), array_agg(row(a.*)::task_fact) into before, after
    from before_rows b join after_rows a on a.id = b.id
    where (a.owner_id, a.status, a.priority, a.tags, a.created_at, a.completed_at, a.due_at, a.deleted_at)
      is distinct from (b.owner_id, b.status, b.priority, b.tags, b.created_at, b.completed_at, b.due_at, b.deleted_at);
    if before is not null then
      perform count_tasks(before, after);
    end if;
    return null;
  end
  $$`;
