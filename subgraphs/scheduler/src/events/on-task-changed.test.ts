import { beforeEach, describe, expect, it } from '@jest/globals';
import { createEvent, type TaskData } from '@todo/service/events';
import { StaleState } from '@todo/service/state';
import { hintKeys, type Hints } from '../hints.ts';
import { jobOf, toCome } from '../reminder.ts';
import { aTask, type TestScheduler, testScheduler } from '../testing/memory.ts';
import { onTaskChanged } from './on-task-changed.ts';

const event = (data: Partial<TaskData>, topic: 'task.updated' | 'task.deleted' = 'task.updated') =>
  createEvent(topic, {
    source: 'task-service',
    subject: 't1',
    time: '2030-01-01T00:00:00.000Z',
    data: {
      ...aTask(),
      description: null,
      priority: 'NORMAL',
      tags: [],
      checklist: [],
      createdAt: '2030-01-01T00:00:00.000Z',
      updatedAt: '2030-01-01T00:00:00.000Z',
      completedAt: null,
      ...data,
    },
  });

let test: TestScheduler;
const handle = (...args: Parameters<typeof event>) => onTaskChanged(test.context, event(...args));
const jobs = () => [...toCome(test.schedule('t1')).keys()].sort();
/** Every job that some document hints at, each as often as it is. */
const hinted = () =>
  [...test.stored]
    .flatMap(([key, { value }]) => (/^hour|^upcoming/.test(key) ? Object.keys(value as Hints) : []))
    .sort();

beforeEach(async () => {
  test = testScheduler();
  await handle({});
});

describe('an event of a task', () => {
  it('sets the jobs, and hints at them by the hour and by the user’s day', () => {
    expect([...test.jobs.keys()].sort()).toEqual(jobs());
    const [reminder] = toCome(test.schedule('t1')).values();
    for (const key of hintKeys(test.schedule('t1'), reminder?.at ?? ''))
      expect(Object.keys(test.stored.get(key)?.value as Hints)).toContain(reminder && jobOf(reminder));
  });

  it('that moves the due date sets the new jobs, takes the old ones back, and their hints', async () => {
    await handle({ version: 2, dueAt: '2041-01-01T12:00:00.000Z' });
    expect([...test.jobs.values()].sort()).toEqual(['2041-01-01T11:00:00.000Z', '2041-01-01T12:00:00.000Z']);
    expect([...test.jobs.keys()].sort()).toEqual(jobs());
    expect(hinted()).toEqual([...jobs(), ...jobs()].sort());
  });

  it.each([
    ['completes the task', { status: 'COMPLETED' as const }, 'task.updated' as const],
    ['clears the due date', { dueAt: null }, 'task.updated' as const],
    ['deletes the task', {}, 'task.deleted' as const],
  ])('that %s takes everything back', async (_, fields, topic) => {
    await handle({ version: 2, ...fields }, topic);
    expect(test.jobs.size).toBe(0);
    expect(hinted()).toEqual([]);
  });

  it('that comes too late, or again, changes nothing; the jobs are as they were', async () => {
    await handle({ version: 3, dueAt: '2041-01-01T12:00:00.000Z' });
    const before = structuredClone(test.stored);
    await handle({ version: 2, dueAt: null });
    await handle({ version: 3, dueAt: null });
    await handle({ version: 1 });
    expect(test.stored).toEqual(before);
    expect([...test.jobs.keys()].sort()).toEqual(jobs());
  });

  it('fails, to come again, where jobs cannot be set: the next time they are', async () => {
    test.beforeSend = () => {
      throw new Error('Dapr’s scheduler is away');
    };
    await expect(handle({ version: 2, dueAt: '2041-01-01T12:00:00.000Z' })).rejects.toThrow(/is away/);
    test.beforeSend = () => {};
    await handle({ version: 2, dueAt: '2041-01-01T12:00:00.000Z' });
    for (const [job, { at }] of toCome(test.schedule('t1'))) expect(test.jobs.get(job)).toBe(at);
  });

  it('decides again where someone else changed the task meanwhile, and leaves no hint behind', async () => {
    let interfered = false;
    test.beforeSave = async (key) => {
      if (key !== 'reminders-t1' || interfered) return;
      interfered = true;
      await handle({ version: 2, dueAt: '2042-01-01T12:00:00.000Z' });
    };
    await handle({ version: 3, dueAt: '2041-01-01T12:00:00.000Z' });
    expect(test.schedule('t1')).toMatchObject({ version: 3, dueAt: '2041-01-01T12:00:00.000Z' });
    expect(hinted()).toEqual([...jobs(), ...jobs()].sort());
    expect([...test.jobs.keys()].sort()).toEqual(jobs());
  });

  it('fails, to come again, where others change the task all the time', async () => {
    test.beforeSave = (key) => {
      if (key === 'reminders-t1') throw new StaleState('changed');
    };
    await expect(handle({ version: 2, dueAt: null })).rejects.toThrow(StaleState);
  });

  it('has hints before its document: where that cannot be written, no job is set', async () => {
    const order: string[] = [];
    test.beforeSave = (key) => void order.push(key.split('-')[0] ?? '');
    await handle({ version: 2, dueAt: '2041-01-01T12:00:00.000Z' });
    expect(order.indexOf('reminders')).toBeGreaterThan(order.indexOf('hour'));
    expect(order.indexOf('reminders')).toBeGreaterThan(order.indexOf('upcoming'));
    const calls = test.calls.length;
    test.beforeSave = (key) => {
      if (key === 'reminders-t1') throw new Error('the store is away');
    };
    await expect(handle({ version: 3, dueAt: '2042-01-01T12:00:00.000Z' })).rejects.toThrow(/store is away/);
    expect(test.calls).toHaveLength(calls);
  });
});
