import { afterEach, expect, it } from '@jest/globals';
import { killPart, startPart } from '@todo/dev/control/client';
import { eventually } from './stack/eventually.ts';
import { createTask, ok } from './stack/graphql.ts';
import { DATA } from './stack/paths.ts';
import { asSidecar, inSeconds, jobsOf, reminded, remindersOf, schedulerSidecar } from './stack/reminders.ts';
import { type Live, subscribe } from './stack/subscription.ts';
import { newUser, type User } from './stack/user.ts';

const ADD = `mutation ($taskId: ID!, $at: DateTime) { addReminder(taskId: $taskId, at: $at) { id } }`;

let live: Live | undefined;
afterEach(async () => {
  await live?.stop();
  live = undefined;
});

const job = (name = ''): string => `/v1.0/jobs/${name}`;

/** A task whose one reminder comes in so many seconds; what is sent comes in `live`. */
async function taskDueIn(user: User, seconds: number): Promise<{ id: string; at: string }> {
  live = await subscribe(user, `subscription { taskReminder { id task { id } } }`);
  const { id } = await createTask(user, { title: 'Not forgotten' });
  const at = inSeconds(seconds);
  await ok(user, ADD, { taskId: id, at });
  return { id, at };
}

/** Waits until another reminder, set later, has come: what was to come before it would have. */
async function somethingLater(user: User): Promise<void> {
  const { id } = await createTask(user, { title: 'Later' });
  // The gateway may not have noticed yet that the scheduler is back.
  await eventually(async () => void (await ok(user, ADD, { taskId: id, at: inSeconds(2) })));
  await live?.next(reminded(id));
}

const received = (id: string): number => live?.received.filter(reminded(id)).length ?? 0;

it.each([
  ['the scheduler service', 'scheduler-service'],
  ['its sidecar', 'scheduler-service-dapr'],
  ['Dapr’s scheduler', 'dapr-scheduler'],
])('a reminder that falls due while %s is away comes once it is back', async (_, part) => {
  const user = await newUser();
  const { id, at } = await taskDueIn(user, 6);
  await killPart(DATA, part);
  try {
    await new Promise((resolve) => setTimeout(resolve, Date.parse(at) + 200 - Date.now()));
  } finally {
    await startPart(DATA, part);
  }
  // Killed, Dapr's scheduler leads its own cluster of one again when its lease has run out: 20 seconds.
  await live?.next(reminded(id), 90_000);
  await somethingLater(user);
  expect(received(id)).toBe(1);
});

it('a job that fires more than once, also at the same time, makes one event', async () => {
  const user = await newUser();
  const { id } = await taskDueIn(user, 8);
  const [set] = await jobsOf(id);
  const fire = () => asSidecar(`/job/${set?.name}`, { taskId: id });
  const statuses = await Promise.all([fire(), fire(), fire(), fire()]);
  // Whoever came second is told to come again, and then finds it done.
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(1);
  await live?.next(reminded(id));
  await eventually(async () => expect((await remindersOf(user, id))[0]?.firedAt).not.toBeNull());
  expect(await Promise.all([fire(), fire()])).toEqual([200, 200]);
  // Past its own time, at which Dapr fires it as well.
  await somethingLater(user);
  await somethingLater(user);
  expect(received(id)).toBe(1);
});

it('a job that is lost, or says another time, is put right', async () => {
  const user = await newUser();
  const { id } = await taskDueIn(user, 15);
  const { id: other } = await createTask(user, { title: 'At another time', dueAt: inSeconds(15) });
  await eventually(async () => expect(await jobsOf(other)).toHaveLength(1));
  const [[lost], [stale]] = [await jobsOf(id), await jobsOf(other)];
  expect((await schedulerSidecar('DELETE', job(lost?.name))).status).toBe(204);
  const wrong = { dueTime: '2040-01-01T00:00:00Z', data: { taskId: other }, overwrite: true };
  expect((await schedulerSidecar('POST', job(stale?.name), wrong)).status).toBe(204);
  expect((await schedulerSidecar('GET', job(lost?.name))).status).not.toBe(200);
  expect(await asSidecar('/bindings/reconcile')).toBe(200);
  expect((await schedulerSidecar('GET', job(lost?.name))).body.dueTime).toBe(lost?.at);
  expect((await schedulerSidecar('GET', job(stale?.name))).body.dueTime).toBe(stale?.at);
  await live?.next(reminded(id));
  await live?.next(reminded(other));
});
