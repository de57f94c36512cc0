import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { TaskData } from '@todo/service/events';
import { graphql, parse } from 'graphql';
import type { RequestContext } from '../context.ts';
import { record } from '../events/record.ts';
import { startAnalyticsDatabase, type TestDatabase } from '../testing/database.ts';
import { bulksOf, newTask, told, type Told } from '../testing/lives.ts';
import { resolvers } from './index.ts';

const schema = buildSubgraphSchema({
  typeDefs: parse(readFileSync(new URL('../../../../schema/analytics.graphql', import.meta.url), 'utf8')),
  resolvers: resolvers as Parameters<typeof buildSubgraphSchema>[0] extends { resolvers?: infer R }
    ? NonNullable<R>
    : never,
});

let database: TestDatabase;
beforeAll(async () => {
  database = await startAnalyticsDatabase();
});
afterAll(() => database.stop());

const HOUR = 3_600_000;
const now = Date.now();
const ago = (hours: number): string => new Date(now - hours * HOUR).toISOString();
const today = ago(0).slice(0, 10);

async function tell(...all: Told[]): Promise<void> {
  for (const { topic, events } of bulksOf(all, 100)) await record(database, topic, events);
}

const done = (task: TaskData, completedAt: string): Told =>
  told('task.completed', {
    ...task,
    status: 'COMPLETED',
    completedAt,
    updatedAt: completedAt,
    version: task.version + 1,
  });

async function ask(source: string, sub: string | undefined, variableValues: object = {}, scopes: string[] = []) {
  const identity = sub === undefined ? undefined : { sub, scopes, claims: {} };
  const contextValue: RequestContext = { orm: database.orm, reader: database.reader, identity };
  const { data, errors } = await graphql({ schema, source, contextValue, variableValues: { ...variableValues } });
  return { data: data as any, codes: errors?.map(({ extensions }) => extensions['code']), errors };
}
const ofUser = (user: string, selection: string) =>
  `{ _entities(representations: [{ __typename: "User", id: "${user}" }]) { ... on User { ${selection} } } }`;
const ofTask = (task: string, selection: string) =>
  `{ _entities(representations: [{ __typename: "Task", id: "${task}" }]) { ... on Task { ${selection} } } }`;

const report = (args: string, selection: string) => ofUser('alice', `report(${args}) { ${selection} }`);

describe('a report', () => {
  beforeAll(async () => {
    const tasks = Array.from({ length: 100 }, (_, i) =>
      newTask(`report-${i}`, '2026-02-02T09:00:00.000Z', {
        priority: i < 10 ? 'URGENT' : 'NORMAL',
        tags: i % 2 === 0 ? ['home'] : ['work', 'late'],
        dueAt: i === 0 ? '2026-02-03T00:00:00.000Z' : null,
      }),
    );
    await tell(...tasks.map((task) => told('task.created', task)));
    // From 1 to 80 minutes, the last ones on the next day.
    await tell(
      ...tasks
        .slice(20)
        .map((task, i) => done(task, new Date(Date.parse(task.createdAt) + (i + 1) * 60_000).toISOString())),
    );
  });

  const figures = 'created completed deleted overdue completionRate timeToComplete { p50 p90 p99 }';

  it('has figures in total, by period, by priority and by tag, and says as of when', async () => {
    const before = Date.now() - 60_000;
    const { data, errors } = await ask(
      report(
        'from: "2026-01-31", to: "2026-02-15", by: WEEK, timeZone: "Europe/Berlin"',
        `from to timeZone asOf total { ${figures} } periods { from to figures { ${figures} } }
         byPriority { priority created completed completionRate } byTag(first: 2) { tag created completed overdue }`,
      ),
      'alice',
    );
    expect(errors).toBeUndefined();
    const { asOf, total, periods, ...rest } = data._entities[0].report;
    expect(Date.parse(asOf)).toBeGreaterThan(before);
    expect(total).toEqual({
      created: 100,
      completed: 80,
      deleted: 0,
      overdue: 1,
      completionRate: 0.8,
      timeToComplete: { p50: expect.any(Number), p90: expect.any(Number), p99: expect.any(Number) },
    });
    for (const [key, minutes] of [
      ['p50', 40],
      ['p90', 72],
      ['p99', 80],
    ] as const)
      expect(Math.abs(total.timeToComplete[key] / 60 / minutes - 1)).toBeLessThan(0.026);
    const empty = { created: 0, completed: 0, deleted: 0, overdue: 0, completionRate: null, timeToComplete: null };
    expect(periods).toEqual([
      { from: '2026-01-31', to: '2026-02-01', figures: empty },
      { from: '2026-02-02', to: '2026-02-08', figures: total },
      { from: '2026-02-09', to: '2026-02-15', figures: empty },
    ]);
    expect(rest).toEqual({
      from: '2026-01-31',
      to: '2026-02-15',
      timeZone: 'Europe/Berlin',
      byPriority: [
        { priority: 'URGENT', created: 10, completed: 0, completionRate: 0 },
        { priority: 'HIGH', created: 0, completed: 0, completionRate: null },
        { priority: 'NORMAL', created: 90, completed: 80, completionRate: 80 / 90 },
        { priority: 'LOW', created: 0, completed: 0, completionRate: null },
      ],
      byTag: [
        { tag: 'home', created: 50, completed: 40, overdue: 1 },
        { tag: 'late', created: 50, completed: 40, overdue: 0 },
      ],
    });
  });

  it("is nobody else's, and an anonymous caller is told to sign in", async () => {
    const query = report('from: "2026-02-01", to: "2026-02-15"', 'total { created }');
    expect((await ask(query, 'bob')).data._entities).toEqual([{ report: null }]);
    expect((await ask(query, undefined)).codes).toEqual(['UNAUTHENTICATED']);
  });

  it.each([
    ['from: "2026-02-02", to: "2026-02-01"', 'to'],
    ['from: "2021-02-02", to: "2026-02-02", by: MONTH', 'to'],
    ['from: "2025-01-01", to: "2026-02-15"', 'by'],
    ['from: "2026-02-02", to: "2026-02-03", timeZone: "Nowhere"', 'timeZone'],
  ])('of %s is refused by name, also where it is for nobody', async (args, field) => {
    for (const sub of ['alice', 'bob']) {
      const { errors } = await ask(report(args, 'asOf'), sub);
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ field }] });
    }
  });

  it.each(['2026-02-30', '2026-2-1', 'today', '0000-01-01', '2026-02-01T00:00:00Z'])('takes no day %s', async (day) => {
    const { codes } = await ask(report(`from: "${day}", to: "2026-03-01"`, 'asOf'), 'alice');
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });

  it.each([0, 101])('gives no %i tags', async (first) => {
    const { codes } = await ask(
      report('from: "2026-02-01", to: "2026-02-02"', `byTag(first: ${first}) { tag }`),
      'alice',
    );
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });

  it('of all users is for administrators', async () => {
    await tell(told('task.created', newTask('of-bob', '2026-02-02T23:30:00.000Z', { ownerId: 'bob' })));
    const query = `{ organizationReport(from: "2026-02-02", to: "2026-02-03") {
      total { created completed } periods { figures { created } } byPriority { created } } }`;
    const { data } = await ask(query, 'carol', {}, ['admin']);
    expect(data.organizationReport).toEqual({
      total: { created: 101, completed: 80 },
      periods: [{ figures: { created: 101 } }, { figures: { created: 0 } }],
      byPriority: [10, 0, 91, 0].map((created) => ({ created })),
    });
    const others = await ask(query.replace('{', '{ __typename '), 'carol', {}, ['other']);
    expect(others.codes).toEqual(['FORBIDDEN']);
    expect(others.data).toEqual({ __typename: 'Query', organizationReport: null });
    expect((await ask(query, undefined)).codes).toEqual(['UNAUTHENTICATED']);
  });
});

describe('activity', () => {
  it('has a row for every day in UTC, today first', async () => {
    const task = newTask('activity', ago(0), { ownerId: 'dora' });
    await tell(told('task.created', task), done(task, ago(0)));
    const { data } = await ask(ofUser('dora', 'activity(days: 3) { day created completed }'), 'dora');
    expect(data._entities[0].activity).toEqual([
      { day: today, created: 1, completed: 1 },
      { day: ago(24).slice(0, 10), created: 0, completed: 0 },
      { day: ago(48).slice(0, 10), created: 0, completed: 0 },
    ]);
    expect((await ask(ofUser('dora', 'activity { day }'), 'bob')).data._entities).toEqual([{ activity: [] }]);
  });

  it.each([0, -1, 367])('refuses %i days', async (days) => {
    expect((await ask(ofUser('dora', `activity(days: ${days}) { day }`), 'dora')).codes).toEqual(['BAD_USER_INPUT']);
  });
});

it('streaks are of days on which a task was completed', async () => {
  const completed = [0, 24, 48, 24 * 10, 24 * 11, 24 * 12, 24 * 13];
  await tell(...completed.map((hours, i) => done(newTask(`streak-${i}`, ago(hours), { ownerId: 'erin' }), ago(hours))));
  const query = ofUser('erin', 'streaks { current longest }');
  expect((await ask(query, 'erin')).data._entities).toEqual([{ streaks: { current: 3, longest: 4 } }]);
  expect((await ask(query, 'bob')).data._entities).toEqual([{ streaks: null }]);
  const { errors } = await ask(ofUser('erin', 'streaks(timeZone: "Nowhere") { current }'), 'erin');
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ field: 'timeZone' }] });
});

describe("a task's history", () => {
  const task = newTask('history', ago(2), { ownerId: 'frank', tags: ['home'], dueAt: '2030-01-01T00:00:00.000Z' });
  beforeAll(async () => {
    const events = Array.from({ length: 30 }, (_, i) =>
      told(i === 0 ? 'task.created' : 'task.updated', {
        ...task,
        version: i + 1,
        updatedAt: new Date(now + i).toISOString(),
      }),
    );
    await tell(...events.toReversed());
  });

  it('is there by version, in pages, in both directions', async () => {
    const selection =
      'nodes { version kind status priority tags dueAt } pageInfo { hasNextPage hasPreviousPage endCursor startCursor }';
    const first = (await ask(ofTask('history', `history { ${selection} }`), 'frank')).data._entities[0].history;
    expect(first.nodes.map(({ version }: { version: number }) => version)).toEqual(
      Array.from({ length: 20 }, (_, i) => 30 - i),
    );
    const after = `history(first: 20, after: "${first.pageInfo.endCursor}") { ${selection} }`;
    const second = (await ask(ofTask('history', after), 'frank')).data._entities[0].history;
    expect(second.nodes).toHaveLength(10);
    expect(second.nodes.at(-1)).toEqual({
      version: 1,
      kind: 'CREATED',
      status: 'PENDING',
      priority: 'NORMAL',
      tags: ['home'],
      dueAt: '2030-01-01T00:00:00.000Z',
    });
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const before = `history(last: 5, before: "${second.pageInfo.startCursor}") { nodes { version } }`;
    const back = (await ask(ofTask('history', before), 'frank')).data._entities[0].history;
    expect(back.nodes.map(({ version }: { version: number }) => version)).toEqual([15, 14, 13, 12, 11]);
  });

  it("is nobody else's", async () => {
    for (const sub of ['bob', undefined])
      expect((await ask(ofTask('history', 'history { nodes { version } }'), sub)).data._entities).toEqual([
        { history: { nodes: [] } },
      ]);
  });

  it.each(['first: 0', 'first: 101', 'after: "x"', 'first: 1, last: 1'])('%s is refused', async (args) => {
    expect((await ask(ofTask('history', `history(${args}) { nodes { version } }`), 'frank')).codes).toEqual([
      'BAD_USER_INPUT',
    ]);
  });
});
