import { raw, type RawQueryFragment, sql } from '@mikro-orm/postgresql';
import { isBehind, type Page, readDirection, rowsToRead } from '@todo/service/paging';
import { type Status, statuses as allStatuses } from '../status.ts';
import { isOpen, type TaskDocument } from '../task.ts';
import { type Filter, NEVER_BEFORE } from './filter.ts';
import { dueKey, type TaskListOrder } from './order.ts';

/** A list of an owner's tasks. */
export type ListQuery = { ownerId: string; filter: Filter; order: TaskListOrder };

/** All but `search`, which stays in the database. */
const columns = raw(
  `t.id, t.owner_id, t.title, t.description, t.status, t.priority, t.tags, t.due_at, t.due_time_zone, t.checklist,
   t.created_at, t.updated_at, t.completed_at, t.version`,
);

/**
 * One page of a list: from each range of the order's index as many as the page has, then the first of all of them.
 * PostgreSQL merges the ranges, so that no more rows are read, whatever share of the tasks each has.
 */
export function pageQuery(list: ListQuery, page: Page<TaskDocument>): RawQueryFragment {
  const direction = readDirection(page);
  const { from, ordered } = source(list);
  const parts = rangesOf(list).map(
    (statuses) => sql`(
      select ${columns}, ${raw(list.order.key(ordered))} as order_key
      from ${from}
      where ${conditions(list, statuses)} and ${isBehind(page, ordered)}
      order by order_key ${direction}, ${raw(ordered)}.id ${direction}
      limit ${rowsToRead(page)})`,
  );
  return sql`
    select * from (${joined(parts, ' union all ')}) page
    order by order_key ${direction}, id ${direction}
    limit ${rowsToRead(page)}`;
}

/** How many tasks a list has, on all of its pages. */
export function countQuery(list: ListQuery): RawQueryFragment {
  const { from } = source(list);
  return sql`select count(*)::integer as total from ${from} where ${conditions(list, list.filter.statuses)}`;
}

/**
 * The statuses, in groups that are one range of an index each: one by one, but for the newest where all statuses are
 * asked for, or what else is asked for is no part of the index.
 */
function rangesOf({ filter, order }: ListQuery): (readonly Status[])[] {
  const { statuses, tags, ...rest } = filter;
  const isLoose = rest.search ?? rest.due ?? rest.overdue ?? rest.priorities ?? (tags.length > 1 || undefined);
  const isAll = statuses.length === allStatuses.length && tags.length === 0;
  return order.field === 'CREATED_AT' && (isAll || isLoose !== undefined)
    ? [statuses]
    : statuses.map((status) => [status]);
}

/** The newest with one tag are rows of their own; `ordered` is the alias of the table whose index has the order. */
function source({ filter, order }: ListQuery): { from: RawQueryFragment; ordered: 't' | 'g' } {
  return order.field === 'CREATED_AT' && filter.tags.length === 1
    ? { from: raw('task_tag g join task t on t.id = g.id'), ordered: 'g' }
    : { from: raw('task t'), ordered: 't' };
}

/** What must hold for the tasks of some statuses. */
function conditions(list: ListQuery, statuses: readonly Status[]): RawQueryFragment {
  const { ownerId, filter, order } = list;
  const { ordered } = source(list);
  const all: RawQueryFragment[] = [sql`${raw(ordered)}.owner_id = ${ownerId}`];
  if (statuses.length < allStatuses.length) all.push(sql`${raw(ordered)}.status in (${statuses})`);
  if (filter.priorities) all.push(sql`t.priority in (${filter.priorities})`);
  if (filter.due) all.push(isDue(order, filter.due));
  if (filter.overdue === true) all.push(isDue(order, { from: NEVER_BEFORE, before: filter.now }));
  if (filter.overdue === false) all.push(isNotOverdue(statuses, filter.now));
  if (ordered === 'g') all.push(sql`g.tag = ${filter.tags[0]}`);
  const tags = ordered === 'g' ? [] : filter.tags;
  if (filter.search !== undefined || tags.length > 0)
    all.push(sql`t.search @@ task_search_query(${ownerId}, ${filter.search ?? ''}, array[${tags}]::text[])`);
  return joined(all, ' and ');
}

/** Of the order's own key where that is the due date, so that it is a range of the same index. */
function isDue({ field, direction }: TaskListOrder, { from, before }: NonNullable<Filter['due']>): RawQueryFragment {
  const key = raw(dueKey('t', field === 'DUE_AT' ? direction : 'asc'));
  return sql`${key} >= ${from}::timestamptz and ${key} < ${before}::timestamptz`;
}

function isNotOverdue(statuses: readonly Status[], now: string): RawQueryFragment {
  const closed = statuses.filter((status) => !isOpen({ status }));
  if (closed.length === statuses.length) return sql`true`;
  const isLater = sql`${raw(dueKey('t', 'asc'))} >= ${now}::timestamptz`;
  return closed.length === 0 ? isLater : sql`(t.status in (${closed}) or ${isLater})`;
}

function joined(parts: RawQueryFragment[], separator: string): RawQueryFragment {
  return raw(parts.map(() => '?').join(separator), parts);
}
