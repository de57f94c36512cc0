import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { changeSchedule, settleJobs } from '../change-schedule.ts';
import { fireReminder } from '../fire-reminder.ts';
import { followTask } from '../follow-task.ts';
import { hintKeys, hourOf } from '../hints.ts';
import { aTask, type TestScheduler, testScheduler } from '../testing/memory.ts';
import { type Reconciler, startReconciler } from './start.ts';

let test: TestScheduler;
let reconciler: Reconciler | undefined;
const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

/** A task whose one job is to come in so many minutes. */
async function taskDueIn(minutes: number, id = 't1'): Promise<string> {
  const task = aTask({ id, dueAt: inMinutes(minutes) });
  test.tasks.set(id, task);
  const change = { task, at: '2020-01-01T00:00:00.000Z' };
  await settleJobs(test.context, await changeSchedule(test.context, id, (known) => followTask(known, change, [0])));
  return test.job(id);
}
/** One whole run, of a replica that starts. */
async function reconcile(maxJobs = 1000, context = test.context): Promise<void> {
  reconciler = startReconciler(context, { maxJobs });
  await reconciler.run();
}
const progress = () => test.stored.get('reconciler')?.value as { from: number; next: number };

beforeEach(() => {
  test = testScheduler([0]);
});
afterEach(() => reconciler?.stop());

describe('the reconciler', () => {
  it('leaves alone what is as it should be', async () => {
    await taskDueIn(30);
    const calls = test.calls.length;
    await reconcile();
    expect(test.calls.slice(calls)).toEqual([`GET ${test.job('t1')}`]);
  });

  it.each([
    ['is lost', (job: string) => test.jobs.delete(job)],
    ['says another time', (job: string) => test.jobs.set(job, inMinutes(90))],
  ])('sets a job that %s', async (_, harm) => {
    const job = await taskDueIn(30);
    harm(job);
    await reconcile();
    expect(test.jobs.get(job)).toBe(test.tasks.get('t1')?.dueAt);
  });

  it('sets a lost job whose time is past: better late than never', async () => {
    const job = await taskDueIn(-90);
    test.jobs.clear();
    await reconcile();
    expect([...test.jobs.keys()]).toEqual([job]);
    // And goes on looking there until it was sent.
    expect(progress().from).toBeLessThanOrEqual(hourOf(inMinutes(-90)));
    await fireReminder(test.context, job, { taskId: 't1' });
    const hour = hourOf(Date.now());
    await reconcile();
    // The hour may have ended meanwhile.
    expect([hour - 1, hourOf(Date.now()) - 1]).toContain(progress().from);
  });

  it('deletes a job that nobody waits for, and forgets it; a young one may be written yet', async () => {
    const job = await taskDueIn(30);
    const [hour = ''] = hintKeys(test.schedule('t1'), test.tasks.get('t1')?.dueAt ?? '');
    test.stored.delete('reminders-t1');
    await reconcile();
    expect(test.jobs.has(job)).toBe(true);
    const { value } = test.stored.get(hour) as { value: any };
    value[job].since = inMinutes(-10);
    await reconcile();
    expect(test.jobs.has(job)).toBe(false);
    expect(test.stored.get(hour)?.value).toEqual({});
  });

  it('forgets what was sent, without asking Dapr', async () => {
    const job = await taskDueIn(-1);
    await fireReminder(test.context, job, { taskId: 't1' });
    const calls = test.calls.length;
    await reconcile();
    expect(test.calls).toHaveLength(calls);
    expect(JSON.stringify([...test.stored].filter(([key]) => key.startsWith('hour')))).not.toContain(job);
  });

  it('looks at so many jobs a run, and the next goes on where it ended', async () => {
    const jobs = await Promise.all(Array.from({ length: 12 }, (_, i) => taskDueIn(i * 60 + 1, `t${i}`)));
    test.jobs.clear();
    await reconcile(4);
    const some = test.jobs.size;
    expect(some).toBeGreaterThanOrEqual(4);
    expect(some).toBeLessThan(12);
    await reconcile(4);
    expect(test.jobs.size).toBeGreaterThan(some);
    await reconcile(4);
    expect([...test.jobs.keys()].sort()).toEqual(jobs.sort());
  });

  it('runs in one replica at a time; where that is gone, in another after a while', async () => {
    const job = await taskDueIn(30);
    test.jobs.clear();
    const lease = (until: string) =>
      test.stored.set('lease-reconciler', { value: { holder: 'another', until }, etag: 'theirs' });
    lease(inMinutes(1));
    await reconcile();
    expect(test.jobs.size).toBe(0);
    lease(inMinutes(-1));
    await reconcile();
    expect([...test.jobs.keys()]).toEqual([job]);
  });

  it('leaves the lease to others when it is done, also where it failed', async () => {
    await taskDueIn(30);
    test.beforeSend = () => {
      throw new Error('Dapr’s scheduler is away');
    };
    await expect(reconcile()).rejects.toThrow(/is away/);
    test.beforeSend = () => {};
    test.jobs.clear();
    await reconcile();
    expect(test.jobs.size).toBe(1);
  });

  it('does nothing once it is stopped', async () => {
    await reconcile();
    await reconciler?.stop();
    await taskDueIn(30);
    test.jobs.clear();
    await reconciler?.run();
    expect(test.jobs.size).toBe(0);
  });
});
