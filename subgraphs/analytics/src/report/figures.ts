import type { MikroORM } from '@mikro-orm/postgresql';
import type { Histogram } from './histogram.ts';
import { hours, months, partsOf } from './parts.ts';
import type { Range } from './range.ts';

/** Whose figures those of all users together are. */
export const ORGANIZATION = '';

/** Of tasks, by what became of them; `done` are those of `created` that are completed by now. */
export type Counts = { created: number; done: number; completed: number; deleted: number; overdue: number };
/** Those of one priority or tag. */
export type Valued = Counts & { value: string };

/** All of them together. */
export const sumOf = (all: readonly Counts[]): Counts =>
  all.reduce<Counts>(
    (a, b) => ({
      created: a.created + b.created,
      done: a.done + b.done,
      completed: a.completed + b.completed,
      deleted: a.deleted + b.deleted,
      overdue: a.overdue + b.overdue,
    }),
    { created: 0, done: 0, completed: 0, deleted: 0, overdue: 0 },
  );

/** What is asked for: whose figures, and when. */
export type Scope = { reader: MikroORM; ownerId: string; range: Range };

/** What is read of parts, by how coarse they are. */
type Source = { fine: string; coarse: string };
type Sources = Record<'counts' | 'times' | 'priority' | 'tag', Source>;

const ofOwner: Sources = {
  counts: { fine: 'priority', coarse: 'hour' },
  times: { fine: 'quarter', coarse: 'hour' },
  priority: { fine: 'priority', coarse: 'priority-month' },
  tag: { fine: 'tag', coarse: 'tag-month' },
};
/** Those are by days, all of them. */
const ofAll: Sources = {
  counts: { fine: 'priority', coarse: 'priority' },
  times: { fine: 'day', coarse: 'day' },
  priority: { fine: 'priority', coarse: 'priority' },
  tag: { fine: 'tag', coarse: 'tag' },
};

const QUARTER_MS = 15 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** Figures of a due date count once its slot is over: those of the slot may be still to come. */
const lastSlotPast = (ownerId: string): string =>
  new Date(Date.now() - (ownerId === ORGANIZATION ? DAY_MS : QUARTER_MS)).toISOString();

const sums = `sum(created)::integer as created, sum(done)::integer as done, sum(completed)::integer as completed,
  sum(deleted)::integer as deleted, coalesce(sum(overdue) filter (where slot <= ?), 0)::integer as overdue`;

/** Parts of periods, as a table. */
const partsTable = `unnest(?::integer[], ?::text[], ?::bigint[], ?::bigint[]) p (period, source, begins, ends)`;
/** Its parameters. */
function partsOfTable({ ownerId, range: { starts } }: Scope, of: keyof Sources): string[] {
  const { fine, coarse } = (ownerId === ORGANIZATION ? ofAll : ofOwner)[of];
  const parts =
    of === 'counts' || of === 'times'
      ? partsOf(starts, hours, Date.now())
      : partsOf([starts[0] as number, starts.at(-1) as number], months, Date.now());
  return [
    parts.map(({ period }) => period),
    parts.map(({ isCoarse }) => (isCoarse ? coarse : fine)),
    parts.map(({ from }) => from / 1000),
    parts.map(({ to }) => to / 1000),
  ].map((column) => `{${column.join(',')}}`);
}
/** Of a row: that it is an owner's, and of a part. */
const isOfPart = `owner_id = ? and slot >= to_timestamp(p.begins) and slot < to_timestamp(p.ends)`;

/** The counts of each period. */
export async function countsByPeriod(scope: Scope): Promise<Counts[]> {
  const { reader, ownerId, range } = scope;
  // Summed up part by part, so that each is a range of the index, whatever the planner expects.
  const rows = await reader.em.fork().execute<(Counts & { period: number })[]>(
    `select p.period, s.* from ${partsTable} cross join lateral (
       select ${sums} from activity
       where ${isOfPart} and dimension = p.source
       having count(*) > 0
     ) s`,
    [...partsOfTable(scope, 'counts'), lastSlotPast(ownerId), ownerId],
  );
  const byPeriod = Map.groupBy(rows, ({ period }) => period);
  return range.periods.map((_, period) => sumOf(byPeriod.get(period) ?? []));
}

/** How long the tasks took that were completed in each period. */
export async function timesByPeriod(scope: Scope): Promise<Histogram[]> {
  const { reader, ownerId, range } = scope;
  const rows = await reader.em.fork().execute<{ period: number; buckets: string; tasks: string }[]>(
    `select p.period, s.* from ${partsTable} cross join lateral (
       select string_agg(array_to_string(buckets, ','), ',') as buckets,
         string_agg(array_to_string(tasks, ','), ',') as tasks
       from completion_histogram
       where ${isOfPart} and grain = p.source
       having count(*) > 0
     ) s`,
    [...partsOfTable(scope, 'times'), ownerId],
  );
  const times = range.periods.map((): number[] => []);
  for (const row of rows) {
    const histogram = times[row.period] as number[];
    const tasks = JSON.parse(`[${row.tasks}]`) as number[];
    (JSON.parse(`[${row.buckets}]`) as number[]).forEach((bucket, i) => {
      histogram[bucket] = (histogram[bucket] ?? 0) + (tasks[i] as number);
    });
  }
  return times;
}

/**
 * The counts of each priority or tag in the whole range, those with most first: all of them, unless it is said how many.
 * Those of the priorities add up to all tasks.
 */
export async function countsByValue(scope: Scope, of: 'priority' | 'tag', first?: number): Promise<Valued[]> {
  const { reader, ownerId } = scope;
  return reader.em.fork().execute<Valued[]>(
    `select * from (
       select value, ${sums} from ${partsTable} join activity
         on ${isOfPart} and dimension = p.source
       group by value
     ) v
     where created + completed + deleted + overdue > 0
     order by created + completed + deleted + overdue desc, value limit ?`,
    [lastSlotPast(ownerId), ...partsOfTable(scope, of), ownerId, first ?? null],
  );
}

/** Tasks of all users that are neither completed, cancelled nor deleted. */
export async function countOpenTasks(orm: MikroORM): Promise<number> {
  const [row] = await orm.em
    .fork()
    .execute<[{ open: number }]>(
      `select coalesce(sum(open), 0)::integer as open from activity where owner_id = ? and dimension = 'priority'`,
      [ORGANIZATION],
    );
  return row.open;
}
