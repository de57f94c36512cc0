import { afterEach, describe, expect, it } from '@jest/globals';
import { killPart, startPart } from '@todo/dev/control/client';
import { createEvent, type TaskData } from '@todo/service/events';
import { eventually } from './stack/eventually.ts';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { DATA } from './stack/paths.ts';
import { publish } from './stack/publish.ts';
import { asSidecar, inSeconds, schedulerSidecar } from './stack/reminders.ts';
import { newUser, type User } from './stack/user.ts';

const DAY = 24 * 60 * 60 * 1000;
const daysAfter = (date: string, days: number): string => new Date(Date.parse(date) + days * DAY).toISOString();

type Recurrence = { id: string; date: string; nextDate: string | null; exceptDates: string[]; task: { id: string } };
type Task = { id: string; status: string; dueAt: string; recurrence: Recurrence | null };
const RECURRENCE = 'recurrence { id date nextDate exceptDates task { id } }';

/** All tasks of a user, by due date. */
async function tasks(user: User): Promise<Task[]> {
  const query = `{ tasks(orderBy: { field: DUE_AT }) { nodes { id status dueAt ${RECURRENCE} } } }`;
  return (await ok(user, query)).tasks.nodes;
}

/** The user's tasks as soon as there are so many. */
async function untilThere(user: User, count: number): Promise<Task[]> {
  await eventually(async () => expect(await tasks(user)).toHaveLength(count));
  return tasks(user);
}

async function setRecurrence(user: User, taskId: string, input: object): Promise<Recurrence> {
  const query = `mutation ($taskId: ID!, $input: RecurrenceInput!) {
    setRecurrence(taskId: $taskId, input: $input) { id date nextDate exceptDates task { id } }
  }`;
  return (await ok(user, query, { taskId, input })).setRecurrence;
}

const skip = async (user: User, taskId: string, date: string): Promise<Recurrence | null> =>
  (
    await ok(
      user,
      `mutation ($taskId: ID!, $date: DateTime!) { skipOccurrence(taskId: $taskId, date: $date) { id date nextDate exceptDates task { id } } }`,
      { taskId, date },
    )
  ).skipOccurrence;

const change = (user: User, mutation: 'completeTask' | 'cancelTask' | 'deleteTask', id: string): Promise<unknown> =>
  ok(user, `mutation ($id: ID!) { ${mutation}(id: $id) { id } }`, { id });

/** The name of the job that a task's series has, as the scheduler's state says. */
async function jobOf(taskId: string): Promise<string> {
  const { body } = await schedulerSidecar('GET', `/v1.0/state/scheduler-state/recurrence-${taskId}`);
  return `recurrence-${taskId}-${body.revision}`;
}

const dueAt = '2040-03-24T08:00:00.000Z';

it('a series by completion: copies, at the same wall-clock time, until COUNT ends it', async () => {
  const user = await newUser();
  const { id } = await createTask(user, {
    title: 'Water the plants',
    description: 'All of them',
    priority: 'HIGH',
    tags: ['home'],
    checklist: [{ text: 'Balcony', done: true }],
    dueAt,
    dueTimeZone: 'Europe/Berlin',
  });
  const series = await setRecurrence(user, id, { rule: 'FREQ=DAILY;COUNT=3' });
  // The clock goes forward on March 25, 2040: 09:00 in Berlin is an hour earlier in UTC from then on.
  expect(series).toMatchObject({ date: dueAt, nextDate: '2040-03-25T07:00:00.000Z', task: { id } });

  await change(user, 'completeTask', id);
  const [first, second] = await untilThere(user, 2);
  expect(first).toMatchObject({ id, status: 'COMPLETED', recurrence: null });
  expect(second).toMatchObject({
    status: 'PENDING',
    dueAt: '2040-03-25T07:00:00.000Z',
    recurrence: { id: series.id, date: '2040-03-25T07:00:00.000Z', task: { id: second?.id } },
  });
  const query = `query ($id: ID!) { task(id: $id) { title description priority tags dueTimeZone checklist { text done } } }`;
  expect((await ok(user, query, { id: second?.id })).task).toEqual({
    title: 'Water the plants',
    description: 'All of them',
    priority: 'HIGH',
    tags: ['home'],
    dueTimeZone: 'Europe/Berlin',
    checklist: [{ text: 'Balcony', done: false }],
  });

  await change(user, 'completeTask', second?.id as string);
  const third = (await untilThere(user, 3))[2] as Task;
  expect(third).toMatchObject({ dueAt: '2040-03-26T07:00:00.000Z', recurrence: { nextDate: null } });
  await change(user, 'completeTask', third.id);
  await eventually(async () =>
    expect((await tasks(user)).map(({ recurrence }) => recurrence)).toEqual([null, null, null]),
  );
  expect(await tasks(user)).toHaveLength(3);
});

it('a series by time: the next task is there once the date of this one has come, though it is open still', async () => {
  const user = await newUser();
  const soon = inSeconds(8);
  const { id } = await createTask(user, { title: 'Every day', dueAt: soon });
  await setRecurrence(user, id, { rule: 'FREQ=DAILY', next: 'ON_TIME' });
  expect(await tasks(user)).toHaveLength(1);
  const [first, second] = await untilThere(user, 2);
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(soon));
  expect(first).toMatchObject({ id, status: 'PENDING', recurrence: null });
  expect(second).toMatchObject({ dueAt: daysAfter(soon, 1), recurrence: { date: daysAfter(soon, 1) } });
});

it('skips: a date ahead, and the current one', async () => {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'Every day', dueAt });
  await setRecurrence(user, id, { rule: 'FREQ=DAILY;UNTIL=20400329T080000Z', exceptDates: [daysAfter(dueAt, 2)] });
  expect(await skip(user, id, daysAfter(dueAt, 1))).toMatchObject({ nextDate: daysAfter(dueAt, 3) });

  const next = await skip(user, id, dueAt);
  expect(next).toMatchObject({ date: daysAfter(dueAt, 3), nextDate: daysAfter(dueAt, 4), exceptDates: [] });
  expect(await skip(user, id, dueAt)).toEqual(next);
  const [first, second] = await tasks(user);
  expect(first).toMatchObject({ id, status: 'PENDING', recurrence: null });
  expect(second).toMatchObject({ id: next?.task.id, dueAt: daysAfter(dueAt, 3) });

  const { errors } = await graphql(
    user,
    `
      mutation ($id: ID!, $date: DateTime!) {
        skipOccurrence(taskId: $id, date: $date) {
          id
        }
      }
    `,
    { id: next?.task.id, date: daysAfter(dueAt, 3.5) },
  );
  expect(errors?.[0]).toMatchObject({
    message: `date: is no date of the series: the next one is ${daysAfter(dueAt, 4)}`,
    extensions: { code: 'BAD_USER_INPUT' },
  });
});

describe('ends', () => {
  it.each(['cancelTask', 'deleteTask'] as const)('with %s of its open task', async (mutation) => {
    const user = await newUser();
    const { id } = await createTask(user, { title: 'Every day', dueAt });
    await setRecurrence(user, id, { rule: 'FREQ=DAILY' });
    await change(user, mutation, id);
    const query = `mutation ($id: ID!) { skipOccurrence(taskId: $id, date: "${dueAt}") { id } }`;
    await eventually(async () =>
      expect(
        (await graphql(user, query.replace(dueAt, daysAfter(dueAt, 1)), { id })).errors?.[0]?.extensions['code'],
      ).toBe('NOT_FOUND'),
    );
    expect(await tasks(user)).toHaveLength(mutation === 'cancelTask' ? 1 : 0);
  });

  it('with clearRecurrence', async () => {
    const user = await newUser();
    const { id } = await createTask(user, { title: 'Every day', dueAt });
    await setRecurrence(user, id, { rule: 'FREQ=DAILY' });
    const cleared = await ok(user, `mutation ($id: ID!) { clearRecurrence(taskId: $id) { id title ${RECURRENCE} } }`, {
      id,
    });
    expect(cleared.clearRecurrence).toEqual({ id, title: 'Every day', recurrence: null });
  });
});

it('events that come again create nothing again', async () => {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'Once each', dueAt });
  await setRecurrence(user, id, { rule: 'FREQ=DAILY;COUNT=3' });
  const now = new Date().toISOString();
  const data: TaskData = {
    id,
    ownerId: user.id,
    title: 'Once each',
    description: null,
    status: 'COMPLETED',
    priority: 'NORMAL',
    tags: [],
    dueAt,
    dueTimeZone: null,
    checklist: [],
    createdAt: now,
    updatedAt: now,
    completedAt: now,
    version: 2,
  };
  const event = createEvent('task.completed', { source: 'task-service', subject: id, data });
  for (let i = 0; i < 5; i += 1) await publish('task.completed', event, id);
  const [, second] = await untilThere(user, 2);
  // Of the same key: once it has had its effect, all before it have.
  const { id: last } = await createTask(user, { title: 'Last', dueAt: daysAfter(dueAt, 9) });
  await setRecurrence(user, last, { rule: 'FREQ=DAILY' });
  const ended = createEvent('task.completed', {
    source: 'task-service',
    subject: last,
    data: { ...data, id: last, status: 'CANCELLED', completedAt: null },
  });
  await publish('task.completed', ended, id);
  await eventually(async () => expect((await tasks(user)).find((task) => task.id === last)?.recurrence).toBeNull());
  expect((await tasks(user)).map((task) => task.id)).toEqual([id, second?.id, last]);
});

it('a job that is lost is put right, and one that fires many times at once creates one task', async () => {
  const user = await newUser();
  const soon = inSeconds(10);
  const { id } = await createTask(user, { title: 'Every day', dueAt: soon });
  await setRecurrence(user, id, { rule: 'FREQ=DAILY', next: 'ON_TIME' });
  const job = `/v1.0/jobs/${await jobOf(id)}`;
  expect((await schedulerSidecar('GET', job)).status).toBe(200);
  await schedulerSidecar('DELETE', job);
  expect(await asSidecar('/bindings/reconcile')).toBe(200);
  const [, second] = await untilThere(user, 2);

  const taskId = second?.id as string;
  const fired = await jobOf(taskId);
  const statuses = await Promise.all(Array.from({ length: 5 }, () => asSidecar(`/job/${fired}`, { taskId })));
  expect(statuses).toEqual([200, 200, 200, 200, 200]);
  expect((await tasks(user)).map((task) => task.dueAt)).toEqual([soon, daysAfter(soon, 1), daysAfter(soon, 2)]);
});

describe('the scheduler killed', () => {
  afterEach(async () => {
    await startPart(DATA, 'scheduler-service');
  });

  it('when a task is completed, and when the date of another comes: both series go on once it is back', async () => {
    const user = await newUser();
    const completed = await createTask(user, { title: 'By completion', dueAt });
    await setRecurrence(user, completed.id, { rule: 'FREQ=DAILY' });
    const soon = inSeconds(8);
    const timed = await createTask(user, { title: 'By time', dueAt: soon });
    await setRecurrence(user, timed.id, { rule: 'FREQ=DAILY', next: 'ON_TIME' });
    await killPart(DATA, 'scheduler-service');
    await change(user, 'completeTask', completed.id);
    await eventually(async () => expect(Date.now()).toBeGreaterThan(Date.parse(soon) + 500));
    await startPart(DATA, 'scheduler-service');
    const all = await untilThere(user, 4);
    expect(all.map((task) => task.dueAt)).toEqual([soon, daysAfter(soon, 1), dueAt, daysAfter(dueAt, 1)]);
  });
});

it('what cannot recur is refused, the field named', async () => {
  const user = await newUser();
  const open = await createTask(user, { title: 'Without a due date' });
  const set = `mutation ($taskId: ID!, $rule: String!) { setRecurrence(taskId: $taskId, input: { rule: $rule }) { id } }`;
  const refusal = async (query: string, variables: Record<string, unknown>) => {
    const { errors } = await graphql(user, query, variables);
    return { code: errors?.[0]?.extensions['code'], message: errors?.[0]?.message };
  };
  expect(await refusal(set, { taskId: open.id, rule: 'FREQ=DAILY' })).toEqual({
    code: 'BAD_USER_INPUT',
    message: 'taskId: has no due date for the rule to start from: set one first',
  });
  const due = await createTask(user, { title: 'Due', dueAt });
  expect(await refusal(set, { taskId: due.id, rule: 'FREQ=SECONDLY' })).toEqual({
    code: 'BAD_USER_INPUT',
    message: 'rule: FREQ must be YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY: "SECONDLY"',
  });
  expect(await refusal(set, { taskId: due.id, rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' })).toEqual({
    code: 'BAD_USER_INPUT',
    message: 'rule: gives no date after the due date of the task, or none for many years',
  });
  const stranger = await newUser();
  expect((await graphql(stranger, set, { taskId: due.id, rule: 'FREQ=DAILY' })).errors?.[0]?.extensions['code']).toBe(
    'NOT_FOUND',
  );
});

it('previews dates before anything is set', async () => {
  const user = await newUser();
  const query = `{ previewRecurrence(
    input: { rule: "FREQ=MONTHLY;BYDAY=-1FR", timeZone: "America/New_York", exceptDates: ["2030-02-22T14:00:00Z"] }
    start: "2030-01-25T14:00:00Z"
    count: 3
  ) }`;
  expect((await ok(user, query)).previewRecurrence).toEqual([
    '2030-01-25T14:00:00.000Z',
    '2030-03-29T13:00:00.000Z',
    '2030-04-26T13:00:00.000Z',
  ]);
});
