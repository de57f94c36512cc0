import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { signIn } from '@todo/dev/identity/client';
import { createEvent } from '@todo/service/events';
import pg from 'pg';
import { eventually } from './stack/eventually.ts';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { publish } from './stack/publish.ts';
import { ready } from './stack/ready.ts';
import { newUser } from './stack/user.ts';

/** Of analytics' database. */
async function query(sql: string, parameters: unknown[]): Promise<object[]> {
  const client = new pg.Client({ connectionString: ready().databases['analytics'] });
  await client.connect();
  try {
    return (await client.query<object>(sql, parameters)).rows;
  } finally {
    await client.end();
  }
}

const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const REPORT = `query ($from: Date!, $to: Date!) { me {
  report(from: $from, to: $to, timeZone: "Pacific/Kiritimati") {
    asOf total { created completed deleted completionRate timeToComplete { p50 } }
    periods { from } byTag { tag created completed } byPriority { priority created }
  }
  streaks { current longest }
} }`;
// A day more on either side: the time zone is up to 14 hours ahead.
const range = () => ({ from: day(-1), to: day(2) });

it('a report follows what becomes of tasks, and each task has its history', async () => {
  const user = await newUser();
  const [first, second] = [
    await createTask(user, { title: 'Done', tags: ['home'], priority: 'HIGH' }),
    await createTask(user, { title: 'Deleted', tags: ['home', 'work'] }),
  ];
  await ok(user, `mutation ($id: ID!) { startTask(id: $id) { id } }`, first);
  await ok(user, `mutation ($id: ID!) { completeTask(id: $id) { id } }`, first);
  await ok(user, `mutation ($id: ID!) { deleteTask(id: $id) { id } }`, second);

  await eventually(async () => {
    const { me } = await ok(user, REPORT, range());
    expect(me.report).toEqual({
      asOf: expect.any(String),
      total: { created: 2, completed: 1, deleted: 1, completionRate: 0.5, timeToComplete: { p50: expect.any(Number) } },
      periods: [day(-1), day(0), day(1), day(2)].map((from) => ({ from })),
      byTag: [
        { tag: 'home', created: 2, completed: 1 },
        { tag: 'work', created: 1, completed: 0 },
      ],
      byPriority: [
        { priority: 'URGENT', created: 0 },
        { priority: 'HIGH', created: 1 },
        { priority: 'NORMAL', created: 1 },
        { priority: 'LOW', created: 0 },
      ],
    });
    expect(me.streaks).toEqual({ current: 1, longest: 1 });
    expect(Date.now() - Date.parse(me.report.asOf)).toBeLessThan(10_000);
  });
  // A later event may be seen first: then the figures are whole before the history is.
  await eventually(async () => {
    const { task } = await ok(
      user,
      `query ($id: ID!) { task(id: $id) { title history { nodes { version kind status } } } }`,
      first,
    );
    expect(task).toEqual({
      title: 'Done',
      history: {
        nodes: [
          { version: 3, kind: 'COMPLETED', status: 'COMPLETED' },
          { version: 2, kind: 'UPDATED', status: 'IN_PROGRESS' },
          { version: 1, kind: 'CREATED', status: 'PENDING' },
        ],
      },
    });
  });
});

it('a task that was completed before its creation is seen is counted once, as both', async () => {
  const user = await newUser();
  const id = randomUUID();
  const at = new Date().toISOString();
  const created = {
    id,
    ownerId: user.id,
    title: 'Out of order',
    description: null,
    status: 'PENDING' as const,
    priority: 'LOW' as const,
    tags: [],
    dueAt: null,
    dueTimeZone: null,
    checklist: [],
    createdAt: at,
    updatedAt: at,
    completedAt: null,
    version: 1,
  };
  const completed = { ...created, status: 'COMPLETED' as const, completedAt: at, version: 2 };
  const tell = async (topic: 'task.created' | 'task.completed', data: typeof created | typeof completed) =>
    publish(topic, createEvent(topic, { source: 'task-service', subject: id, time: at, data }), id);
  const total = async () => (await ok(user, REPORT, range())).me.report.total;

  await tell('task.completed', completed);
  await eventually(async () => expect(await total()).toMatchObject({ created: 1, completed: 1 }));
  await tell('task.created', created);
  await eventually(async () => {
    const changes = await query('select version, kind from task_change where task_id = $1 order by version', [id]);
    expect(changes).toEqual([
      { version: '1', kind: 'CREATED' },
      { version: '2', kind: 'COMPLETED' },
    ]);
  });
  expect(await total()).toMatchObject({ created: 1, completed: 1, completionRate: 1 });
});

it('metrics say how many tasks were created and are open, and know no user', async () => {
  const user = await newUser();
  await createTask(user, { title: 'Open' });
  await eventually(async () => {
    const { port } = ready().apps['analytics-service'] as { port: number };
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    for (const name of ['tasks_created_total', 'active_tasks', 'inbox_lag_seconds_count'])
      expect(Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1])).toBeGreaterThan(0);
    expect(text).toMatch(/^task_completion_seconds_bucket/m);
    expect(text).not.toContain(user.id);
  });
});

it('the report of all users is for administrators', async () => {
  const query = `query ($from: Date!, $to: Date!) { organizationReport(from: $from, to: $to, by: WEEK) { total { created } } }`;
  const user = await newUser();
  const others = await graphql(user, query.replace('{', '{ me { id }'), range());
  expect(others.errors?.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN']);
  expect(others.data).toEqual({ me: { id: user.id }, organizationReport: null });
  const { urls, admin } = ready();
  if (!admin) throw new Error('there is no administrator');
  await createTask(user, { title: 'Counted' });
  const token = await signIn(urls.identity, admin);
  await eventually(async () => {
    const { data, errors } = await graphql({ token }, query, range());
    expect(errors).toBeUndefined();
    expect(data.organizationReport.total.created).toBeGreaterThan(0);
  });
});

it.each([
  ['from: "2026-03-01", to: "2026-02-01"', 'to'],
  ['from: "2020-01-01", to: "2026-02-01", by: MONTH', 'to'],
  ['from: "2026-01-01", to: "2026-02-01", timeZone: "Nowhere"', 'timeZone'],
])('a report of %s is refused by name', async (args, field) => {
  const { errors } = await graphql(await newUser(), `{ me { report(${args}) { asOf } } }`);
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ field }] });
});
