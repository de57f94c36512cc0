import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PoisonEvent } from '@todo/service/subscriber';
import { seed } from '@todo/service/testing/sampling';
import { countsByPeriod, countsByValue, ORGANIZATION, timesByPeriod } from '../report/figures.ts';
import { rangeOf } from '../report/range.ts';
import { startAnalyticsDatabase, type TestDatabase } from '../testing/database.ts';
import { bulksOf, newTask, randomLives, shuffled, told, type Told } from '../testing/lives.ts';
import { writing } from '../writing.ts';
import { record } from './record.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startAnalyticsDatabase();
});
afterAll(() => database.stop());
beforeEach(() =>
  database.orm.em.fork().execute('truncate task_fact, task_change, event_inbox, activity, completion_histogram'),
);

async function tell(...all: Told[]): Promise<void> {
  for (const { topic, events } of bulksOf(all, 100)) await record(database, topic, events);
}

const days = (from: string, to: string, timeZone = 'UTC') => rangeOf({ from, to, by: 'DAY', timeZone });
const countsOf = (ownerId: string, from: string, to: string, timeZone?: string) =>
  countsByPeriod({ reader: database.reader, ownerId, range: days(from, to, timeZone) });

const created = async (timeZone: string): Promise<number[]> =>
  (await countsOf('alice', '2026-03-01', '2026-03-02', timeZone)).map((day) => day.created);

const task = newTask('task-1', '2026-03-01T22:30:00.000Z', { tags: ['home'] });
const done = {
  ...task,
  status: 'COMPLETED' as const,
  completedAt: '2026-03-03T08:00:00.000Z',
  updatedAt: '2026-03-03T08:00:00.000Z',
  version: 2,
};
const none = { created: 0, done: 0, completed: 0, deleted: 0, overdue: 0 };

/** All that there is of figures, as it is in the database. */
async function figures(): Promise<object[]> {
  const em = database.orm.em.fork();
  return [
    await em.execute('select * from activity order by owner_id, dimension, slot, value'),
    await em.execute('select * from completion_histogram order by owner_id, grain, slot'),
  ];
}

describe('a task', () => {
  it('that was completed before its creation is seen is counted as both, where it belongs', async () => {
    await tell(told('task.completed', done));
    const before = await figures();
    const expected = [{ ...none, created: 1, done: 1 }, none, { ...none, completed: 1 }];
    expect(await countsOf('alice', '2026-03-01', '2026-03-03')).toEqual(expected);
    await tell(told('task.created', task));
    expect(await figures()).toEqual(before);
    const em = database.orm.em.fork();
    expect(await em.execute('select version, kind from task_change order by version')).toEqual([
      { version: '1', kind: 'CREATED' },
      { version: '2', kind: 'COMPLETED' },
    ]);
  });

  it('counts as it stands, once a completion is taken back, its tags change, or it is gone', async () => {
    await tell(told('task.created', task), told('task.completed', done));
    const open = { ...done, status: 'PENDING' as const, completedAt: null, tags: ['work'], version: 3 };
    await tell(told('task.updated', open));
    expect(await countsOf('alice', '2026-03-01', '2026-03-03')).toEqual([{ ...none, created: 1 }, none, none]);
    const scope = { reader: database.reader, ownerId: 'alice', range: days('2026-03-01', '2026-03-03') };
    expect(await countsByValue(scope, 'tag', 10)).toEqual([{ ...none, created: 1, value: 'work' }]);
    expect((await timesByPeriod(scope)).map(({ length }) => length)).toEqual([0, 0, 0]);
    await tell(told('task.deleted', { ...open, updatedAt: '2026-03-02T10:00:00.000Z', version: 4 }));
    expect(await countsOf('alice', '2026-03-01', '2026-03-03')).toEqual([
      { ...none, created: 1 },
      { ...none, deleted: 1 },
      none,
    ]);
    // What arrives late changes nothing any more.
    await tell(told('task.updated', { ...done, version: 2 }));
    expect((await countsOf('alice', '2026-03-01', '2026-03-03'))[1]).toEqual({ ...none, deleted: 1 });
  });

  it('that has two events of one version is as the later one says, whichever comes first', async () => {
    const earlier = told('task.updated', { ...task, tags: ['earlier'], version: 2 });
    const later = told('task.updated', { ...task, tags: ['later'], updatedAt: '2026-03-02T00:00:00.000Z', version: 2 });
    const scope = { reader: database.reader, ownerId: 'alice', range: days('2026-03-01', '2026-03-01') };
    for (const order of [[[earlier], [later]], [[later], [earlier]], [[earlier, later]], [[later, earlier]]]) {
      await database.orm.em
        .fork()
        .execute('truncate task_fact, task_change, event_inbox, activity, completion_histogram');
      for (const bulk of order) await tell(...bulk);
      expect((await countsByValue(scope, 'tag', 10)).map(({ value }) => value)).toEqual(['later']);
    }
  });

  it('belongs to the day of a time zone, also of one that is off by a quarter of an hour', async () => {
    await tell(told('task.created', task));
    expect(await created('UTC')).toEqual([1, 0]);
    expect(await created('Europe/Berlin')).toEqual([1, 0]);
    expect(await created('Asia/Kathmandu')).toEqual([0, 1]);
    await tell(told('task.created', newTask('task-2', '2026-03-01T18:14:59.999Z')));
    await tell(told('task.created', newTask('task-3', '2026-03-01T18:15:00.000Z')));
    expect(await created('Asia/Kathmandu')).toEqual([1, 2]);
  });

  it.each([
    ['open', {}, 1],
    ['completed in time', { status: 'COMPLETED', completedAt: '2026-03-02T12:00:00.000Z' }, 0],
    ['completed late', { status: 'COMPLETED', completedAt: '2026-03-02T12:00:00.001Z' }, 1],
    ['cancelled', { status: 'CANCELLED' }, 0],
    ['due in a time to come', { dueAt: new Date(Date.now() + 3_600_000).toISOString() }, 0],
  ] as const)('that is %s is overdue accordingly', async (_name, more, overdue) => {
    await tell(told('task.updated', { ...task, dueAt: '2026-03-02T12:00:00.000Z', ...more, version: 2 }));
    const counts = await countsOf('alice', '2026-03-01', '2027-03-01');
    expect(counts.reduce((sum, day) => sum + day.overdue, 0)).toBe(overdue);
    expect(counts[1]?.overdue).toBe(overdue);
  });

  it('counts for all users together, without its tags', async () => {
    await tell(told('task.created', task), told('task.created', newTask('task-2', task.createdAt, { ownerId: 'bob' })));
    expect((await countsOf(ORGANIZATION, '2026-03-01', '2026-03-01'))[0]).toEqual({ ...none, created: 2 });
    const scope = { reader: database.reader, ownerId: ORGANIZATION, range: days('2026-03-01', '2026-03-01') };
    expect(await countsByValue(scope, 'tag', 10)).toEqual([]);
    expect(await countsByValue(scope, 'priority')).toEqual([{ ...none, created: 2, value: 'NORMAL' }]);
  });
});

describe('a bulk', () => {
  it('has each event once, also where several replicas are given it at the same time', async () => {
    const bulk = Array.from(
      { length: 100 },
      (_, i) => told('task.created', newTask(`task-${i}`, task.createdAt)).event,
    );
    await Promise.all(Array.from({ length: 6 }, () => record(database, 'task.created', [...bulk, ...bulk])));
    expect((await countsOf('alice', '2026-03-01', '2026-03-01'))[0]?.created).toBe(100);
  });

  it('comes again while another writer has its turn for long, a rebuild, say', async () => {
    const { event } = told('task.created', task);
    const { promise: isHeld, resolve: holds } = Promise.withResolvers<void>();
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
    const holder = writing(database, async (em) => {
      holds();
      // Who holds the lock may not rest for as long as others wait for it.
      const busy = setInterval(() => void em.execute('select 1'), 1_000);
      await isOver;
      clearInterval(busy);
    });
    await isHeld;
    const error: unknown = await record(database, 'task.created', [event]).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: '55P03' });
    expect(error).not.toBeInstanceOf(PoisonEvent);
    end();
    await holder;
    await record(database, 'task.created', [event]);
    expect((await countsOf('alice', '2026-03-01', '2026-03-01'))[0]?.created).toBe(1);
  });

  it('with an event that the database can never hold has no effect, and says so', async () => {
    // An index takes no value of this length; as it is random, it cannot be compressed.
    const tag = Array.from({ length: 2_000 }, () => crypto.randomUUID()).join('');
    const poison = told('task.created', newTask('task-2', task.createdAt, { tags: [tag] })).event;
    const good = told('task.created', task).event;
    await expect(record(database, 'task.created', [good, poison])).rejects.toThrow(PoisonEvent);
    expect(await figures()).toEqual([[], []]);
    await record(database, 'task.created', [good]);
    await expect(record(database, 'task.created', [poison])).rejects.toThrow(PoisonEvent);
    expect((await countsOf('alice', '2026-03-01', '2026-03-01'))[0]?.created).toBe(1);
    expect(await database.orm.em.fork().execute('select event_id from event_inbox')).toEqual([{ event_id: good.id }]);
  });
});

it(`figures are the same in whatever order, bulks and repetitions events come, of lives drawn from ${seed}`, async () => {
  const lives = randomLives(3_000, { seed, users: 5, from: '2025-01-01T00:00:00Z' });
  await tell(...lives);
  const inOrder = await figures();
  expect((inOrder[0] as object[]).length).toBeGreaterThan(1_000);
  for (const size of [100, 7]) {
    await database.orm.em
      .fork()
      .execute('truncate task_fact, task_change, event_inbox, activity, completion_histogram');
    const again = shuffled([...lives, ...lives.slice(0, 500)], seed + size);
    for (const { topic, events } of bulksOf(again, size)) await record(database, topic, events);
    expect(await figures()).toEqual(inOrder);
  }
});
