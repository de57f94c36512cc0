import { describe, expect, it } from '@jest/globals';
import { followTask } from './follow-task.ts';
import { jobOf, newReminder, type Reminder, type TaskSchedule, toCome } from './reminder.ts';
import type { TaskFacts } from './task-service.ts';
import { aTask } from './testing/memory.ts';

const HOUR = 3_600_000;
const THEN = '2030-01-01T00:00:00.000Z';
const follow = (known: TaskSchedule | undefined, fields: Partial<TaskFacts>, at = THEN, before = [0, HOUR]) =>
  followTask(known, { task: aTask(fields), at }, before);
const times = (task: TaskSchedule) => [...toCome(task).values()].map(({ at }) => at).sort();
const jobs = (task: TaskSchedule) => [...toCome(task).keys()].sort();
const withAdded = (task: TaskSchedule, reminder: Partial<Reminder>): TaskSchedule => ({
  ...task,
  reminders: [...task.reminders, { ...newReminder({ kind: 'AT', automatic: false, beforeMs: null }), ...reminder }],
});

const first = follow(undefined, {});

describe('a task that is followed', () => {
  it('is reminded of when it is due, and before', () => {
    expect(times(first)).toEqual(['2040-01-01T11:00:00.000Z', '2040-01-01T12:00:00.000Z']);
  });

  it('is the very same where the change is older, or was seen', () => {
    const later = follow(first, { version: 3, title: 'New' });
    expect(follow(later, { version: 3, dueAt: null })).toBe(later);
    expect(follow(later, { version: 2, dueAt: null })).toBe(later);
  });

  it('keeps its reminders, with their jobs, as long as the due date stays', () => {
    const renamed = follow(first, { version: 2, title: 'New', status: 'IN_PROGRESS' });
    expect(renamed).toMatchObject({ title: 'New', version: 2 });
    expect(jobs(renamed)).toEqual(jobs(first));
  });

  it('is reminded of at its new time, by other jobs of the same reminders, when it is moved', () => {
    const moved = follow(first, { version: 2, dueAt: '2041-01-01T12:00:00.000Z' });
    expect(times(moved)).toEqual(['2041-01-01T11:00:00.000Z', '2041-01-01T12:00:00.000Z']);
    expect(moved.reminders.map(({ id }) => id)).toEqual(first.reminders.map(({ id }) => id));
    expect(jobs(moved).some((job) => jobs(first).includes(job))).toBe(false);
  });

  it('is not reminded of at a time that was past when the due date was set', () => {
    expect(times(follow(undefined, {}, '2040-01-01T11:00:00.000Z'))).toEqual(['2040-01-01T12:00:00.000Z']);
    expect(times(follow(undefined, {}, '2040-01-01T12:00:00.000Z'))).toEqual([]);
  });

  it('is reminded of at a time that passed on the way here', () => {
    const dueAt = new Date(Date.now() - 5000).toISOString();
    expect(times(follow(undefined, { dueAt }, new Date(Date.now() - 10_000).toISOString()))).toEqual([dueAt]);
  });

  it('that was reminded of stays so, until the due date changes', () => {
    const sent = { ...first, reminders: first.reminders.map((one) => ({ ...one, firedAt: one.at })) };
    expect(times(follow(sent, { version: 2 }))).toEqual([]);
    expect(times(follow(sent, { version: 2, dueAt: '2041-01-01T12:00:00.000Z' }))).toHaveLength(2);
  });

  it.each(['COMPLETED', 'CANCELLED'] as const)('is not reminded of once it is %s', (status) => {
    expect(times(follow(first, { version: 2, status }))).toEqual([]);
  });

  it('that is opened again is reminded of what is to come, by other jobs, and of nothing that it missed', () => {
    const closed = follow(first, { version: 2, status: 'COMPLETED' });
    const open = follow(closed, { version: 3 }, '2040-01-01T11:30:00.000Z');
    expect(times(open)).toEqual(['2040-01-01T12:00:00.000Z']);
    expect(jobs(first)).not.toContain(jobs(open)[0]);
  });

  it('without a due date loses what goes by it, and keeps the rest', () => {
    const added = withAdded(first, { at: '2035-01-01T00:00:00.000Z' });
    const relative = withAdded(added, { kind: 'BEFORE_DUE', beforeMs: HOUR, dueAt: first.dueAt, at: first.dueAt });
    const none = follow(relative, { version: 2, dueAt: null });
    expect(times(none)).toEqual(['2035-01-01T00:00:00.000Z']);
    expect(none.reminders).toHaveLength(2);
    expect(times(follow(none, { version: 3 }))).toHaveLength(4);
  });

  it('that is deleted has no reminder, and comes not back with a late event', () => {
    const gone = followTask(first, { task: aTask({ version: 3 }), deleted: true, at: THEN }, [0]);
    expect(gone).toMatchObject({ deleted: true, reminders: [] });
    expect(follow(gone, { version: 2 })).toBe(gone);
  });

  it('keeps a snoozed reminder where it is, until the due date changes', () => {
    const at = '2040-02-01T00:00:00.000Z';
    const [early, ...others] = first.reminders as [Reminder, ...Reminder[]];
    const snoozed = { ...first, reminders: [{ ...early, at, snoozedFrom: early.at }, ...others] };
    expect(times(follow(snoozed, { version: 2, title: 'New' }))).toContain(at);
    expect(times(follow(snoozed, { version: 2, dueAt: '2041-01-01T12:00:00.000Z' }))).not.toContain(at);
  });

  it('goes by the settings of now when it changes', () => {
    expect(times(follow(first, { version: 2 }, THEN, [24 * HOUR]))).toEqual(['2039-12-31T12:00:00.000Z']);
  });

  it('has a job of its own for every setting of a reminder', () => {
    const names = [first, follow(first, { version: 2, dueAt: '2041-01-01T12:00:00.000Z' })].flatMap((task) =>
      task.reminders.map(jobOf),
    );
    expect(new Set(names).size).toBe(4);
  });
});
