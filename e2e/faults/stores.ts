import pg from 'pg';
import { ready } from '../stack/ready.ts';
import { type Positions, readOn } from '../stack/topic.ts';
import { type Counts, countOf, differences } from './differences.ts';
import type { Change } from './load.ts';
import { send } from './request.ts';
import type { Known } from './subscribers.ts';
import type { World } from './world.ts';

const TOPICS = ['task.created', 'task.updated', 'task.completed'];
const PAGE = `query ($after: String) {
  tasks(first: 100, after: $after) { nodes { id version } pageInfo { hasNextPage endCursor } }
}`;
const FIGURES = `query ($from: Date!, $to: Date!) { me {
  unreadNotifications report(from: $from, to: $to) { total { created completed } }
} }`;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What a change is in each place, by the version that it made. */
const kinds = ['CREATED', 'UPDATED', 'UPDATED', 'COMPLETED'];

/** Where the streams of events stand. */
export const eventPositions = (): Promise<Positions> => readOn(TOPICS);

/** The tasks that a user's list shows, from its first page to its last. @throws where a page does not come */
export async function readTasks(place: () => Promise<{ url: string; token: string }>): Promise<Known> {
  const known: Known = new Map();
  for (let after: string | null = null; ;) {
    const outcome = await send({ ...(await place()), deadlineMs: 30_000 }, PAGE, { after });
    if (outcome.kind !== 'ok') throw new Error(`the list of tasks did not come: ${JSON.stringify(outcome)}`);
    const { nodes, pageInfo } = outcome.data.tasks;
    for (const { id, version } of nodes) known.set(id, version);
    if (!pageInfo.hasNextPage) return known;
    after = pageInfo.endCursor;
  }
}

/** Each change of a user, by what it is called in a place. */
const changesOf = (newest: Known, name: (id: string, version: number) => string): string[] =>
  [...newest].flatMap(([id, last]) => Array.from({ length: last }, (_, i) => name(id, i + 1)));
const everyChange = (world: World, name: (id: string, version: number) => string): Counts =>
  countOf(world.changes.flatMap((newest) => changesOf(newest, name)));
const named = (maps: Known[]): Counts => countOf(maps.flatMap((map) => [...map].map((entry) => entry.join(' '))));
/** A date, so many days from today. */
const day = (offset: number): string => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
const kindOf = (version: number): string => kinds[version - 1] ?? 'none';

/** What is wrong in task list, event stream, analytics and feed: each has every acknowledged mutation exactly once. */
export async function wrongInStores(world: World): Promise<string[]> {
  const checks = [wrongInLists, wrongInStream, wrongInAnalytics, wrongInFeed, wrongFigures];
  return (await Promise.all(checks.map((check) => check(world)))).flat();
}

async function wrongInLists(world: World): Promise<string[]> {
  const lists = await Promise.all(world.changes.map((_, user) => readTasks(() => world.place(user))));
  return differences('task list', named(world.changes), named(lists));
}

/** The broker may have an event twice where the relay was cut off: under one id, by which consumers know it. */
async function wrongInStream(world: World): Promise<string[]> {
  const owners = new Set(world.ids);
  const ids = new Map<string, string>();
  world.repeats = 0;
  await readOn(TOPICS, world.since, ({ id, data }) => {
    if (!owners.has(data?.ownerId)) return;
    if (ids.has(id)) world.repeats += 1;
    ids.set(id, `${data.id} ${data.version}`);
  });
  const expected = everyChange(world, (id, version) => `${id} ${version}`);
  return differences('event stream', expected, countOf(ids.values()));
}

async function wrongInAnalytics(world: World): Promise<string[]> {
  const found = await select(
    'analytics',
    `select task_id || ' ' || version || ' ' || kind as key from task_change where owner_id = any($1)`,
    world.ids,
  );
  const expected = everyChange(world, (id, version) => `${id} ${version} ${kindOf(version)}`);
  return differences('analytics', expected, countOf(found));
}

async function wrongInFeed(world: World): Promise<string[]> {
  const found = await select(
    'notification',
    `select task_id || ' ' || kind as key from notification where owner_id = any($1)`,
    world.ids,
  );
  return differences(
    'feed',
    everyChange(world, (id, version) => `${id} TASK_${kindOf(version)}`),
    countOf(found),
  );
}

/** What users see of both, which counts. */
async function wrongFigures(world: World): Promise<string[]> {
  const wrong = world.changes.map(async (newest, user) => {
    const place = { ...(await world.place(user)), deadlineMs: 30_000 };
    const outcome = await send(place, FIGURES, { from: day(-1), to: day(1) });
    if (outcome.kind !== 'ok') return [`figures did not come: ${JSON.stringify(outcome)}`];
    const { unreadNotifications, report } = outcome.data.me;
    const found = { unreadNotifications, ...report.total };
    const completed = [...newest.values()].filter((version) => version === kinds.length).length;
    const changes = [...newest.values()].reduce((sum, version) => sum + version, 0);
    const expected = { unreadNotifications: changes, created: newest.size, completed };
    const [is, should] = [found, expected].map((figures) => JSON.stringify(figures));
    return is === should ? [] : [`figures of a user are ${is}, not ${should}`];
  });
  return (await Promise.all(wrong)).flat();
}

/** Whether a change has had its effect in feed and analytics. */
export async function isInStores({ id, version }: Change): Promise<boolean> {
  const changes = await select('analytics', 'select version::text as key from task_change where task_id = any($1)', [
    id,
  ]);
  const entries = await select('notification', 'select id as key from notification where task_id = any($1)', [id]);
  return changes.includes(String(version)) && entries.length >= version;
}

async function select(database: string, sql: string, ids: string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: ready().databases[database] });
  await client.connect();
  try {
    return (await client.query<{ key: string }>(sql, [ids])).rows.map(({ key }) => key);
  } finally {
    await client.end();
  }
}
