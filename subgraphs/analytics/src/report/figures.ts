import type { MikroORM } from '@mikro-orm/postgresql';
import type { Histogram } from './histogram.ts';
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

const MINUTE_MS = 60_000;

/** Figures of a due date count once its slot is over: those of the slot may be still to come. */
function lastSlotPast(ownerId: string): string {
  return new Date(Date.now() - (ownerId === ORGANIZATION ? 24 * 60 : 15) * MINUTE_MS).toISOString();
}

const sums = `sum(created)::integer as created, sum(done)::integer as done, sum(completed)::integer as completed,
  sum(deleted)::integer as deleted, coalesce(sum(overdue) filter (where slot <= ?), 0)::integer as overdue`;
const within = `owner_id = ? and slot >= ? and slot < ?`;
const ends = ({ starts }: Range): [string, string] => [starts[0] as string, starts.at(-1) as string];
const periodOf = `width_bucket(slot, ?::timestamptz[]) - 1`;
/** As PostgreSQL writes an array. */
const arrayOf = (values: readonly string[]): string => `{${values.join(',')}}`;

/** The counts of each period by priority: those of a period's priorities add up to all its tasks. */
export async function countsByPeriod({ reader, ownerId, range }: Scope): Promise<Valued[][]> {
  const rows = await reader.em
    .fork()
    .execute<(Valued & { period: number })[]>(
      `select ${periodOf} as period, value, ${sums} from activity where ${within} and dimension = 'priority' group by 1, 2`,
      [arrayOf(range.starts), lastSlotPast(ownerId), ownerId, ...ends(range)],
    );
  const counts = range.periods.map((): Valued[] => []);
  for (const { period, ...row } of rows) counts[period]?.push(row);
  return counts;
}

/** How long the tasks took that were completed in each period. */
export async function timesByPeriod({ reader, ownerId, range }: Scope): Promise<Histogram[]> {
  // A row for each bucket of each period would take longer to come than to be found.
  const rows = await reader.em.fork().execute<{ period: number; buckets: Record<number, number> }[]>(
    `select period, json_object_agg(bucket, tasks) as buckets from (
       select ${periodOf} as period, bucket, sum(tasks)::integer as tasks from completion_time where ${within} group by 1, 2
     ) b group by 1`,
    [arrayOf(range.starts), ownerId, ...ends(range)],
  );
  const times: number[][] = range.periods.map(() => []);
  for (const { period, buckets } of rows)
    for (const bucket in buckets) (times[period] as number[])[Number(bucket)] = buckets[bucket] as number;
  return times;
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

/** The counts of tags, those with most first. */
export async function countsByTag({ reader, ownerId, range }: Scope, first: number): Promise<Valued[]> {
  return reader.em.fork().execute<Valued[]>(
    `select * from (
       select value, ${sums} from activity where ${within} and dimension = 'tag' group by value
     ) v
     where created + completed + deleted + overdue > 0
     order by created + completed + deleted + overdue desc, value limit ?`,
    [lastSlotPast(ownerId), ownerId, ...ends(range), first],
  );
}
