import type { EntityManager } from '@mikro-orm/postgresql';

const DAY_MS = 24 * 60 * 60 * 1000;
const MONTHS_AHEAD = 2;

type Month = { table: string; from: string; to: string };

/**
 * Sees to the partitions of the tasks' history: there is one for this month and those ahead, and none that ended more than
 * so many days ago. What is of no such month (clocks are wrong, events come late) is in a partition of its own.
 */
export async function keepMonths(em: EntityManager, now: Date, days: number): Promise<void> {
  const existing = (
    await em.execute<{ name: string }[]>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'task_change'::regclass`,
    )
  ).map(({ name }) => name);
  for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead += 1) {
    const month = monthOf(now, ahead);
    if (!existing.includes(month.table)) await add(em, month);
  }
  const oldest = new Date(now.getTime() - days * DAY_MS);
  const oldestMonth = monthOf(oldest, 0);
  for (const name of existing)
    if (/^task_change_\d{4}_\d{2}$/.test(name) && name < oldestMonth.table) await em.execute(`drop table ${name}`);
  await em.execute(`delete from task_change_other where at < ?`, [oldestMonth.from]);
}

/** What is of the month already moves there: a partition may not be added while another has its rows. */
async function add(em: EntityManager, { table, from, to }: Month): Promise<void> {
  await em.execute(`create table ${table} (like task_change including all)`);
  await em.execute(
    `with moved as (delete from task_change_other where at >= ? and at < ? returning *)
     insert into ${table} select * from moved`,
    [from, to],
  );
  await em.execute(`alter table task_change attach partition ${table} for values from ('${from}') to ('${to}')`);
}

function monthOf(day: Date, ahead: number): Month {
  const start = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + ahead, 1));
  const end = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + ahead + 1, 1));
  return {
    table: `task_change_${start.toISOString().slice(0, 7).replace('-', '_')}`,
    from: start.toISOString(),
    to: end.toISOString(),
  };
}
