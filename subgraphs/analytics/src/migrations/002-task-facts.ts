import { Migration } from '@mikro-orm/migrations';

/**
 * Facts about tasks, and figures that follow from them. A task has one row, as its newest version says; triggers take what
 * the row said before out of the figures and put in what it says now. So the figures are the same in whatever order events
 * come. Counts of days, from before there were facts, cannot become figures: a task is counted from its next event on.
 */
export class TaskFacts extends Migration {
  override up(): void {
    this.addSql(`drop table daily_activity`);
    this.addSql(`create index event_inbox_received_at on event_inbox (received_at)`);
    this.addSql(`
      create table task_fact (
        id text primary key,
        owner_id text not null check (owner_id <> ''),
        version bigint not null,
        status text not null,
        priority text not null,
        tags text[] not null,
        created_at timestamptz not null,
        completed_at timestamptz,
        due_at timestamptz,
        deleted_at timestamptz,
        changed_at timestamptz not null
      )`);
    // Upkeep looks for tasks that nothing has become of for years.
    this.addSql(`create index task_fact_changed_at on task_fact (changed_at)`);

    // What became of a task: a partition for each month, made ahead and dropped as a whole.
    this.addSql(`
      create table task_change (
        task_id text not null,
        version bigint not null,
        at timestamptz not null,
        id text not null,
        owner_id text not null,
        kind text not null,
        status text not null,
        priority text not null,
        tags text[] not null,
        due_at timestamptz,
        primary key (task_id, version, at)
      ) partition by range (at)`);
    this.addSql(`create table task_change_other partition of task_change default`);

    // An owner's figures by quarters of an hour: every time zone's days begin with one. Those of all owners together,
    // under the owner '', are by days in UTC, and have no tags: those are their owners' own words. A task has one
    // priority and any number of tags: those of the priorities add up to all tasks.
    this.addSql(`
      create table activity (
        owner_id text not null,
        dimension text not null,
        slot timestamptz not null,
        value text not null,
        created integer not null,
        done integer not null,
        open integer not null,
        completed integer not null,
        deleted integer not null,
        overdue integer not null,
        primary key (owner_id, dimension, slot, value)
      )`);
    // How long tasks took that were completed in a slot: their number by logarithmic buckets, each 5 % wider than the last.
    this.addSql(`
      create table completion_time (
        owner_id text not null,
        slot timestamptz not null,
        bucket smallint not null,
        tasks integer not null,
        primary key (owner_id, slot, bucket)
      )`);
    this.addSql(`
      create function activity_slot(owner_id text, at timestamptz) returns timestamptz language sql stable as $$
        select case owner_id
          when '' then date_trunc('day', at, 'UTC')
          else date_bin('15 minutes', at, timestamptz '2000-01-01T00:00:00Z')
        end
      $$`);
    this.addSql(`
      create function activity_of(task task_fact)
      returns table (owner_id text, dimension text, slot timestamptz, value text, created integer, done integer,
        open integer, completed integer, deleted integer, overdue integer)
      language sql stable as $$
        select k.owner_id, k.dimension, activity_slot(k.owner_id, m.at), k.value,
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
          values (task.owner_id, 'priority', task.priority), ('', 'priority', task.priority)
          union
          select task.owner_id, 'tag', tag from unnest(task.tags) tag
        ) k (owner_id, dimension, value)
        where m.at is not null
      $$`);
    this.addSql(`
      create function completion_of(task task_fact)
      returns table (owner_id text, slot timestamptz, bucket smallint) language sql stable as $$
        select k.owner_id, activity_slot(k.owner_id, task.completed_at),
          ceil(ln(greatest(1, extract(epoch from task.completed_at - task.created_at)::float8)) / ln(1.05::float8))::smallint
        from (values (task.owner_id), ('')) k (owner_id)
        where task.completed_at is not null
      $$`);
    // Always in the order of the keys, so that writers wait for one another rather than deadlock.
    this.addSql(`
      create function count_tasks(before task_fact[], after task_fact[]) returns void language plpgsql as $$
      begin
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
          overdue = a.overdue + excluded.overdue;

        insert into completion_time as c (owner_id, slot, bucket, tasks)
        select d.owner_id, d.slot, d.bucket, sum(sign)
        from (
          select 1 as sign, f.* from unnest(after) t cross join lateral completion_of(t) f
          union all
          select -1, f.* from unnest(before) t cross join lateral completion_of(t) f
        ) d
        group by d.owner_id, d.slot, d.bucket
        having sum(sign) <> 0
        order by d.owner_id, d.slot, d.bucket
        on conflict (owner_id, slot, bucket) do update set tasks = c.tasks + excluded.tasks;

        if cardinality(before) > 0 then
          delete from activity a using (
            select distinct f.owner_id, f.dimension, f.slot, f.value
            from unnest(before) t cross join lateral activity_of(t) f
          ) d
          where (a.owner_id, a.dimension, a.slot, a.value) = (d.owner_id, d.dimension, d.slot, d.value)
            and (a.created, a.done, a.open, a.completed, a.deleted, a.overdue) = (0, 0, 0, 0, 0, 0);
          delete from completion_time c using (
            select distinct f.* from unnest(before) t cross join lateral completion_of(t) f
          ) d
          where (c.owner_id, c.slot, c.bucket) = (d.owner_id, d.slot, d.bucket) and c.tasks = 0;
        end if;
      end
      $$`);
    for (const [event, transition, before, after] of [
      ['insert', 'new table as after_rows', `'{}'`, rows('after_rows')],
      ['update', 'old table as before_rows new table as after_rows', rows('before_rows'), rows('after_rows')],
      ['delete', 'old table as before_rows', rows('before_rows'), `'{}'`],
    ] as const) {
      this.addSql(`
        create function count_tasks_on_${event}() returns trigger language plpgsql as $$
        begin
          perform count_tasks(${before}, ${after});
          return null;
        end
        $$`);
      this.addSql(`
        create trigger count_tasks_on_${event} after ${event} on task_fact referencing ${transition}
        for each statement execute function count_tasks_on_${event}()`);
    }

    // Until when the figures are known: a replica has it from here, as late as everything else.
    this.addSql(`create table clock (id boolean primary key default true check (id), at timestamptz not null)`);
    this.addSql(`insert into clock (at) values (now())`);
  }
}

/** The rows of a trigger's transition table. */
const rows = (table: string): string => `array(select row(t.*)::task_fact from ${table} t)`;
