import { forEach } from '@todo/service/limit';
import pg from 'pg';

/** Who owns three tasks of ten. */
export const HEAVY = 'bench-heavy';

/** Tasks of each of the other users, roughly. */
const TASKS_EACH = 100;
const BATCH = 2_000;
const AT_ONCE = 2;

/**
 * Rows of Dapr's state table, as the task service writes them; the database makes them up, so that nothing but the
 * triggers takes time. A year of tasks: most are done, every second has a project of 1,000, every tenth a given context.
 */
const insert = `
  insert into state (key, value)
  select 'task-' || id, convert_to(jsonb_build_object(
    'id', id, 'ownerId', case when r1 < 0.3 then '${HEAVY}' else 'bench-' || floor(r5 * 0.7 * $3::int / ${TASKS_EACH}) end,
    'title', (array['Call', 'Buy', 'Write', 'Plan', 'Fix', 'Read', 'Clean', 'Ask'])[1 + i % 8] || ' '
      || (array['the garden', 'a report', 'the roof', 'parents', 'tickets'])[1 + i % 5] || ' w' || (r2 * 5000)::int,
    'description', case when r3 < 0.5 then (
      select string_agg('v' || (2000 * (r2 * n * 7919)::numeric % 2000)::int, ' ') from generate_series(1, 12) n) end,
    'status', case when r4 < 0.8 then 'COMPLETED' when r4 < 0.9 then 'PENDING' when r4 < 0.95 then 'IN_PROGRESS' else 'CANCELLED' end,
    'priority', (array['NORMAL', 'NORMAL', 'LOW', 'HIGH', 'URGENT'])[1 + i % 5],
    'tags', jsonb_build_array('context' || i % 10) || case when i % 2 = 0 then jsonb_build_array('project' || (r2 * 1000)::int) else '[]' end,
    'dueAt', case when r3 < 0.6 then created + r2 * interval '90 days' end, 'dueTimeZone', null,
    'checklist', case when i % 10 = 0 then '[{"id": "a", "text": "First", "done": true}, {"id": "b", "text": "Second", "done": false}]'::jsonb else '[]' end,
    'createdAt', created, 'updatedAt', created + r3 * interval '5 days',
    'completedAt', case when r4 < 0.8 then created + r3 * interval '5 days' end, 'version', 2)::text, 'UTF8')
  from (
    select i, gen_random_uuid()::text as id, random() r1, random() r2, random() r3, random() r4, random() r5,
      date_trunc('milliseconds', now() - random() * interval '365 days') as created
    from generate_series($1::int, $2::int) i
  ) task`;

/** Adds tasks until there are `total`, and brings the statistics up to date. Prints how far it is. */
export async function fill(databaseUrl: string, total: number): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: AT_ONCE });
  try {
    const { rows } = await pool.query<{ count: number }>('select count(*)::int as count from task');
    const first = (rows[0]?.count ?? 0) + 1;
    const batches = Array.from({ length: Math.ceil((total - first + 1) / BATCH) }, (_, n) => first + n * BATCH);
    const begin = performance.now();
    let done = first - 1;
    let nextLine = 0;
    await forEach(batches, AT_ONCE, async (from) => {
      const to = Math.min(from + BATCH - 1, total);
      await pool.query(insert, [from, to, total]);
      done += to - from + 1;
      if (performance.now() < nextLine && done < total) return;
      nextLine = performance.now() + 10_000;
      const rate = (done - first + 1) / ((performance.now() - begin) / 1000);
      console.log(`${done.toLocaleString('en')} of ${total.toLocaleString('en')} tasks, ${rate.toFixed(0)} a second`);
    });
    // As autovacuum does by itself within minutes.
    for (const table of ['state', 'task', 'task_tag']) await pool.query(`vacuum (analyze) ${table}`);
  } finally {
    await pool.end();
  }
}

/** Ids of some of a user's tasks. */
export async function someIds(databaseUrl: string, ownerId: string, count: number): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      'select id from task where owner_id = $1 order by id limit $2', // ids are random
      [ownerId, count],
    );
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}
