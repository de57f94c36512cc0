import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './stack/eventually.ts';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { inSeconds, reminded, remindersOf } from './stack/reminders.ts';
import { subscribe } from './stack/subscription.ts';
import { newUser, type User } from './stack/user.ts';

const FIELDS = `{ id kind at before automatic snoozedFrom firedAt task { id title } }`;
const ADD = `mutation ($taskId: ID!, $at: DateTime, $before: Duration, $idempotencyKey: String) {
  addReminder(taskId: $taskId, at: $at, before: $before, idempotencyKey: $idempotencyKey) ${FIELDS}
}`;
const CANCEL = `mutation ($taskId: ID!, $id: ID!) { cancelReminder(taskId: $taskId, id: $id) ${FIELDS} }`;
const SNOOZE = `mutation ($taskId: ID!, $id: ID!, $until: DateTime, $by: Duration) {
  snoozeReminder(taskId: $taskId, id: $id, until: $until, by: $by) ${FIELDS}
}`;
const MOVE = `mutation ($id: ID!, $dueAt: DateTime) { updateTask(id: $id, input: { dueAt: $dueAt }) { id } }`;

const day = (days: number): string => inSeconds(days * 24 * 3600);

let user: User;
beforeAll(async () => {
  user = await newUser();
});

it('a reminder is added to a task of a moment ago, follows its due date, and is sent then', async () => {
  const { id: taskId } = await createTask(user, { title: 'Leave', dueAt: '2040-01-01T00:00:00Z' });
  const { addReminder } = await ok(user, ADD, { taskId, before: 'PT90S' });
  expect(addReminder).toEqual({
    id: expect.any(String),
    kind: 'BEFORE_DUE',
    at: '2039-12-31T23:58:30.000Z',
    before: 'PT1M30S',
    automatic: false,
    snoozedFrom: null,
    firedAt: null,
    task: { id: taskId, title: 'Leave' },
  });
  const live = await subscribe(user, `subscription { taskReminder { kind reminderId dueAt task { id } } }`);
  const dueAt = inSeconds(97);
  await ok(user, MOVE, { id: taskId, dueAt });
  const { taskReminder } = await live.next(reminded(taskId));
  expect(taskReminder).toEqual({ kind: 'BEFORE_DUE', reminderId: addReminder.id, dueAt, task: { id: taskId } });
  await live.stop();
});

it('a snoozed reminder comes later, also once it was sent; a cancelled one does not', async () => {
  const { id: taskId } = await createTask(user, { title: 'Call back' });
  const live = await subscribe(user, `subscription { taskReminder { reminderId kind dueAt task { id } } }`);
  const at = inSeconds(8);
  const add = async (time: string): Promise<string> => (await ok(user, ADD, { taskId, at: time })).addReminder.id;
  const [sent, snoozed, cancelled] = [await add(at), await add(at), await add(inSeconds(8.5))];
  const { snoozeReminder } = await ok(user, SNOOZE, { taskId, id: snoozed, until: '2040-01-01T00:00:00Z' });
  expect(snoozeReminder).toMatchObject({ at: '2040-01-01T00:00:00.000Z', snoozedFrom: at });
  await ok(user, CANCEL, { taskId, id: cancelled });
  const first = await live.next();
  expect(first.taskReminder).toEqual({ reminderId: sent, kind: 'AT', dueAt: null, task: { id: taskId } });
  await eventually(async () => {
    const again = await graphql(user, SNOOZE, { taskId, id: sent, by: 'PT2S' });
    expect(again.data?.snoozeReminder).toMatchObject({ id: sent, snoozedFrom: at, firedAt: null });
  });
  await live.next(() => live.received.length === 2);
  expect(live.received.map((data) => data.taskReminder.reminderId)).toEqual([sent, sent]);
  await eventually(async () =>
    expect(await remindersOf(user, taskId)).toEqual([
      { id: sent, kind: 'AT', at: expect.any(String), firedAt: expect.any(String), snoozedFrom: at },
      { id: snoozed, kind: 'AT', at: '2040-01-01T00:00:00.000Z', firedAt: null, snoozedFrom: at },
    ]),
  );
  const { errors } = await graphql(user, CANCEL, { taskId, id: sent });
  expect(errors?.[0]?.extensions['code']).toBe('CONFLICT');
  await live.stop();
});

it('an automatic reminder that was cancelled stays away until the due date changes', async () => {
  const { id: taskId } = await createTask(user, { title: 'Pay', dueAt: '2040-01-01T00:00:00Z' });
  await eventually(async () => expect(await remindersOf(user, taskId)).toHaveLength(2));
  const [early, due] = await remindersOf(user, taskId);
  await ok(user, CANCEL, { taskId, id: early?.id });
  await ok(user, `mutation ($id: ID!) { updateTask(id: $id, input: { title: "Pay now" }) { id } }`, { id: taskId });
  await ok(user, ADD, { taskId, at: '2039-01-01T00:00:00Z' }); // knows of the new title: so does what is asked next
  expect((await remindersOf(user, taskId)).map(({ id }) => id)).toEqual([expect.any(String), due?.id]);
  await ok(user, MOVE, { id: taskId, dueAt: '2041-01-01T00:00:00Z' });
  await eventually(async () => expect((await remindersOf(user, taskId)).map(({ id }) => id)).toContain(early?.id));
});

it('a user lists what is to come, by time, page by page, and nobody else does', async () => {
  const [alice, mallory] = await Promise.all([newUser(), newUser()]);
  const LIST = `query ($first: Int!, $after: String) {
    me { upcomingReminders(first: $first, after: $after) {
      nodes { at task { title } } pageInfo { hasNextPage hasPreviousPage endCursor }
    } }
  }`;
  const times = [day(300), day(1), day(40), day(2)];
  const { id: taskId } = await createTask(alice, { title: 'Plan' });
  for (const at of times) await ok(alice, ADD, { taskId, at });
  const { addReminder } = await ok(alice, ADD, { taskId, at: day(3) });
  await ok(alice, CANCEL, { taskId, id: addReminder.id });
  const pages: string[][] = [];
  let after: string | null = null;
  do {
    const { me } = await ok(alice, LIST, { first: 3, after });
    pages.push(me.upcomingReminders.nodes.map((node: { at: string }) => node.at));
    expect(me.upcomingReminders.pageInfo.hasPreviousPage).toBe(after !== null);
    after = me.upcomingReminders.pageInfo.hasNextPage ? me.upcomingReminders.pageInfo.endCursor : null;
  } while (after !== null);
  const sorted = times.sort();
  expect(pages).toEqual([sorted.slice(0, 3), sorted.slice(3)]);
  const mine = `{ me { upcomingReminders { nodes { at } } } }`;
  expect((await ok(mallory, mine)).me.upcomingReminders.nodes).toEqual([]);
  expect((await ok(alice, mine)).me.upcomingReminders.nodes).toHaveLength(4);
});

it('a mutation that comes twice with its key runs once', async () => {
  const { id: taskId } = await createTask(user, { title: 'Once' });
  const idempotencyKey = randomUUID();
  const request = { taskId, at: '2040-01-01T00:00:00Z', idempotencyKey };
  const [first, second] = await Promise.all([ok(user, ADD, request), ok(user, ADD, request)]);
  expect(second).toEqual(first);
  expect(await ok(user, ADD, request)).toEqual(first);
  expect(await remindersOf(user, taskId)).toHaveLength(1);
  const { errors } = await graphql(user, ADD, { ...request, at: '2041-01-01T00:00:00Z' });
  expect(errors?.[0]?.extensions['code']).toBe('CONFLICT');
});

describe('what cannot be is one clear error:', () => {
  let taskId: string;
  let others: string;
  let closed: string;
  beforeAll(async () => {
    const mallory = await newUser();
    ({ id: taskId } = await createTask(user, { title: 'Mine', dueAt: inSeconds(600) }));
    ({ id: others } = await createTask(mallory, { title: 'Not mine' }));
    ({ id: closed } = await createTask(user, { title: 'Closed' }));
    await ok(user, `mutation ($id: ID!) { completeTask(id: $id) { id } }`, { id: closed });
  });

  it.each<[string, string, () => Record<string, unknown>, string, string[]]>([
    ['a time that is past', ADD, () => ({ taskId, at: '2020-01-01T00:00:00Z' }), 'BAD_USER_INPUT', ['at']],
    ['a time before the due date that is past', ADD, () => ({ taskId, before: 'PT1H' }), 'BAD_USER_INPUT', ['before']],
    ['neither time', ADD, () => ({ taskId }), 'BAD_USER_INPUT', ['at', 'before']],
    ['both', ADD, () => ({ taskId, at: inSeconds(60), before: 'PT1M' }), 'BAD_USER_INPUT', ['at', 'before']],
    ['months', ADD, () => ({ taskId, before: 'P1M' }), 'BAD_USER_INPUT', []],
    ['another’s task', ADD, () => ({ taskId: others, at: inSeconds(60) }), 'NOT_FOUND', []],
    ['no task', ADD, () => ({ taskId: 'x', at: inSeconds(60) }), 'NOT_FOUND', []],
    ['a closed task', ADD, () => ({ taskId: closed, at: inSeconds(60) }), 'BAD_USER_INPUT', ['taskId']],
    ['no reminder', CANCEL, () => ({ taskId, id: 'x' }), 'NOT_FOUND', []],
    ['another’s reminder', CANCEL, () => ({ taskId: others, id: 'x' }), 'NOT_FOUND', []],
    ['snoozing by nothing', SNOOZE, () => ({ taskId, id: 'x', by: 'PT0S' }), 'BAD_USER_INPUT', ['by']],
  ])('%s', async (_, query, variables, code, fields) => {
    await ok(user, ADD, { taskId, at: '2040-01-01T00:00:00Z' });
    const { errors } = await graphql(user, query, variables());
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions['code']).toBe(code);
    const named = (errors?.[0]?.extensions['fields'] ?? []) as { field: string }[];
    expect(named.map(({ field }) => field)).toEqual(fields);
  });

  it('more than 20 of a task', async () => {
    const { id } = await createTask(user, { title: 'Nagging' });
    const add = (i: number) =>
      graphql(user, ADD, { taskId: id, at: `2040-01-${String(i + 1).padStart(2, '0')}T00:00:00Z` });
    for (let i = 0; i < 20; i += 1) expect((await add(i)).errors).toBeUndefined();
    expect((await add(20)).errors?.[0]).toMatchObject({
      message: 'taskId: has 20 reminders to come: cancel one first',
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });
});
