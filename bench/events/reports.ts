import type { Ready } from '@todo/dev/start/ready';
import pg from 'pg';
import { invoke, percentile } from '../stack.ts';

const BATCH = 10_000;
const EVENTS_PER_TASK = 2.5;
const USERS = 1_000;
/** Whose one task in ten is. */
const HEAVY = 'bench-heavy';

/** Tasks of a year, in the order of their creation, as their last events left them; the triggers work out the figures. */
const insert = `
  insert into task_fact (id, owner_id, version, status, priority, tags, created_at, completed_at, due_at, deleted_at, changed_at)
  select 'bench-' || i, case when r1 < 0.1 then '${HEAVY}' else 'bench-' || (r2 * ${USERS})::int end, 2,
    case when r3 < 0.7 then 'COMPLETED' else 'PENDING' end, (array['NORMAL', 'NORMAL', 'LOW', 'HIGH', 'URGENT'])[1 + i % 5],
    array['context' || i % 10, 'project' || (r2 * 200)::int], created,
    case when r3 < 0.7 then created + r4 * r4 * interval '20 days' end,
    case when r5 < 0.5 then created + r5 * interval '30 days' end,
    case when r3 > 0.95 then created + r4 * interval '20 days' end, created
  from (
    select i, random() r1, random() r2, random() r3, random() r4, random() r5,
      now() - (1 - i / $3::float8) * interval '365 days' as created
    from generate_series($1::int, $2::int) i
  ) t`;
/** What had become of them: as many events as there are for a task on average. */
const history = `
  insert into task_change (task_id, version, at, id, owner_id, kind, status, priority, tags, due_at)
  select f.id, v, f.created_at + (v - 1) * interval '1 second', f.id || '-' || v, f.owner_id,
    case v when 1 then 'CREATED' else 'UPDATED' end, f.status, f.priority, f.tags, f.due_at
  from generate_series($1::int, $2::int) i join task_fact f on f.id = 'bench-' || i
  cross join lateral generate_series(1, 2 + i % 2) v`;

/** Fills analytics with what so many events leave behind. */
export async function fillAnalytics(ready: Ready, events: number): Promise<void> {
  const client = new pg.Client({ connectionString: ready.databases['analytics'] });
  await client.connect();
  try {
    const tasks = Math.round(events / EVENTS_PER_TASK);
    for (let from = 1; from <= tasks; from += BATCH) {
      const to = Math.min(from + BATCH - 1, tasks);
      await client.query(insert, [from, to, tasks]);
      await client.query(history, [from, to]);
      if (from % (10 * BATCH) === 1)
        console.log(`${(to * EVENTS_PER_TASK).toLocaleString('en')} of ${events.toLocaleString('en')} events`);
    }
    // As autovacuum does by itself within minutes.
    for (const table of ['task_fact', 'task_change', 'activity', 'completion_histogram'])
      await client.query(`vacuum (analyze) ${table}`);
  } finally {
    await client.end();
  }
}

const FIGURES = 'created completed deleted overdue completionRate timeToComplete { p50 p90 p99 }';
const PARTS = `asOf total { ${FIGURES} } periods { from to figures { ${FIGURES} } } byPriority { priority created completed }`;
const ofUser = (user: string, by: string): { query: string; variables: object } => ({
  query: `query ($of: [_Any!]!, $from: Date!, $to: Date!) { _entities(representations: $of) { ... on User {
    report(from: $from, to: $to, by: ${by}, timeZone: "Europe/Berlin") { ${PARTS} byTag { tag created completed } } } } }`,
  variables: { of: [{ __typename: 'User', id: user }] },
});
const kinds = [
  { name: 'a user, by month', user: 'bench-1', ...ofUser('bench-1', 'MONTH') },
  { name: 'a user, by day', user: 'bench-1', ...ofUser('bench-1', 'DAY') },
  { name: 'a user with a tenth of all tasks, by day', user: HEAVY, ...ofUser(HEAVY, 'DAY') },
  {
    name: 'all users together, by day',
    user: 'bench-admin',
    query: `query ($from: Date!, $to: Date!) { organizationReport(from: $from, to: $to) { ${PARTS} } }`,
    variables: {},
  },
];

/** So many days from today on, as a day of the calendar. */
const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

/** How long a year's report takes, one request at a time. Prints the table. @returns whether all p95 are below the limit */
export async function measureReports(ready: Ready, samples: number, limitMs: number): Promise<boolean> {
  const range = { from: day(-364), to: day(0) };
  console.log(`\n| a year's report of | p50 (ms) | p95 (ms) |\n| --- | ---: | ---: |`);
  let isBelow = true;
  for (const { name, user, query, variables } of kinds) {
    const times: number[] = [];
    for (let i = -10; i < samples; i += 1) {
      const begin = performance.now();
      await invoke(ready, 'analytics-service', { sub: user, scopes: ['admin'], claims: {} }, query, {
        ...variables,
        ...range,
      });
      if (i >= 0) times.push(performance.now() - begin);
    }
    const p95 = percentile(times, 95);
    if (p95 >= limitMs) isBelow = false;
    console.log(`| ${name} | ${percentile(times, 50).toFixed(1)} | ${p95.toFixed(1)} |`);
  }
  return isBelow;
}
