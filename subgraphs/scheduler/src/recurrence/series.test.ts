import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createEvent, type TaskData } from '@todo/service/events';
import { startReconciler } from '../reconciler/start.ts';
import { aTask, type TestScheduler, testScheduler } from '../testing/memory.ts';
import { fireRecurrence } from './fire.ts';
import { recurOnTaskChanged } from './on-task-changed.ts';
import { recurrenceJob, recurrenceKey, skipJob, type TaskRecurrence } from './series.ts';

const at = (day: number): string => `2040-01-${String(day).padStart(2, '0')}T09:00:00.000Z`;

const task: TaskData = {
  id: 't1',
  ownerId: 'alice',
  title: 'Water the plants',
  description: null,
  priority: 'HIGH',
  tags: ['home'],
  status: 'COMPLETED',
  dueAt: at(1),
  dueTimeZone: null,
  checklist: [{ id: 'c1', text: 'Balcony', done: true }],
  createdAt: '2030-01-01T00:00:00.000Z',
  updatedAt: '2030-01-02T00:00:00.000Z',
  completedAt: '2030-01-02T00:00:00.000Z',
  version: 2,
};
const event = (
  data: Partial<TaskData> = {},
  topic: 'task.completed' | 'task.updated' | 'task.deleted' = 'task.completed',
) =>
  createEvent(topic, {
    source: 'task-service',
    subject: 't1',
    time: '2030-01-02T00:00:00.000Z',
    data: { ...task, ...data },
  });

const recurrence: TaskRecurrence = {
  seriesId: 's1',
  taskId: 't1',
  ownerId: 'alice',
  rule: 'FREQ=DAILY',
  timeZone: 'UTC',
  start: at(1),
  exceptDates: [],
  next: 'ON_COMPLETION',
  place: { date: at(1), left: null },
  nextDate: at(2),
  version: 1,
  revision: 'r1',
  successor: null,
  state: 'ACTIVE',
};

let test: TestScheduler;
const known = (change: Partial<TaskRecurrence> = {}) =>
  test.stored.set(recurrenceKey('t1'), { value: { ...recurrence, ...change }, etag: 'x' });
const of = (taskId: string) => test.stored.get(recurrenceKey(taskId))?.value as TaskRecurrence | undefined;
const changed = (change = event()) => recurOnTaskChanged(test.context, change);

const taskServiceAway = () => {
  test.beforeSend = (call) => {
    if (call === 'INVOKE occurrences') throw new Error('the task service is away');
  };
};

beforeEach(() => {
  test = testScheduler([]);
  test.tasks.set('t1', aTask({ dueAt: at(1) }));
});

describe('a series by completion', () => {
  it('moves on to a copy of the completed task, which has a recurrence before it is there', async () => {
    known();
    let before: TaskRecurrence | undefined;
    test.beforeSend = () => {
      before = of([...test.stored.keys()].at(-1)?.replace('recurrence-', '') ?? '');
    };
    await changed();
    const [asked] = test.created;
    expect(test.created).toEqual([
      {
        key: `s1/${at(2)}`,
        id: expect.any(String),
        ownerId: 'alice',
        dueAt: at(2),
        dueTimeZone: null,
        source: {
          task: {
            title: task.title,
            description: null,
            priority: 'HIGH',
            tags: ['home'],
            checklist: [{ text: 'Balcony' }],
          },
        },
      },
    ]);
    expect(before).toMatchObject({ taskId: asked.id, place: { date: at(2) }, nextDate: at(3), state: 'ACTIVE' });
    expect(of('t1')).toMatchObject({ state: 'MOVED', successor: { taskId: asked.id } });
  });

  it('passes over dates until the completion', async () => {
    known();
    await changed(event({ completedAt: '2040-01-05T12:00:00.000Z' }));
    expect(test.created).toMatchObject([{ dueAt: at(6) }]);
  });

  it.each([
    ['its event comes again', {}, {}],
    ['it was set for this version or a later one', { version: 2 }, {}],
    ['the task changes otherwise', {}, { status: 'IN_PROGRESS' as const, completedAt: null }],
  ])('does nothing where %s', async (reason, change, data) => {
    known(change);
    if (reason === 'its event comes again') {
      await changed();
      test.created.length = 0;
    }
    await changed(event(data));
    expect(test.created).toEqual([]);
  });

  it('ends with the last date, and says so until no event can come again', async () => {
    known({ rule: 'FREQ=DAILY;COUNT=1', place: { date: at(1), left: 0 } });
    await changed();
    expect(test.created).toEqual([]);
    expect(of('t1')?.state).toBe('ENDED');
  });

  it.each([
    ['cancelled', event({ status: 'CANCELLED', completedAt: null }, 'task.updated')],
    ['deleted while it was open', event({ status: 'PENDING', completedAt: null }, 'task.deleted')],
  ])('ends where the task is %s', async (_, change) => {
    known();
    await changed(change);
    expect(of('t1')?.state).toBe('ENDED');
  });

  it('goes on where the task was completed, then deleted, and only the latter is known yet', async () => {
    known();
    await changed(event({ version: 3 }, 'task.deleted'));
    await changed();
    expect(test.created).toMatchObject([{ dueAt: at(2) }]);
  });
});

describe('nothing is lost, nothing comes twice', () => {
  it.each([0, 1, 2])('where it ends after %i writes: done again, the same task is created', async (writes) => {
    known();
    let left = writes;
    test.beforeSave = () => {
      if (left === 0) throw new Error('the store is away');
      left -= 1;
    };
    await expect(changed()).rejects.toThrow('the store is away');
    test.beforeSave = () => {};
    await changed();
    expect(of('t1')?.state).toBe('MOVED');
    expect(new Set(test.created.map((asked) => `${asked.id} ${asked.key}`)).size).toBe(1);
    expect(test.stored.size).toBe(2);
  });

  it('where the task service is away: the event comes again', async () => {
    known();
    taskServiceAway();
    await expect(changed()).rejects.toThrow(/is away/);
    expect(of('t1')?.state).toBe('ACTIVE');
    test.beforeSend = () => {};
    await changed();
    expect(test.created).toMatchObject([{ id: of('t1')?.successor?.taskId }]);
    expect(of('t1')?.state).toBe('MOVED');
  });

  it('where what was begun meets the deletion of the task: it is seen through', async () => {
    known();
    taskServiceAway();
    await expect(changed()).rejects.toThrow(/is away/);
    test.beforeSend = () => {};
    await changed(event({ status: 'PENDING', version: 4 }, 'task.deleted'));
    expect(of('t1')?.state).toBe('MOVED');
  });

  it('where a skip was begun: its job sees it through, and does nothing where none was', async () => {
    known();
    const job = skipJob(recurrence);
    await fireRecurrence(test.context, job, { taskId: 't1' });
    expect(of('t1')).toEqual(recurrence);
    known({ successor: { taskId: 't2', place: { date: at(2), left: null } } });
    await fireRecurrence(test.context, job, { taskId: 't1' });
    expect(test.created).toMatchObject([{ id: 't2', source: { copyOf: 't1' } }]);
    expect(of('t1')?.state).toBe('MOVED');
  });

  it('where many are at it at once', async () => {
    known();
    await Promise.all(Array.from({ length: 4 }, () => changed()));
    expect(new Set(test.created.map((asked) => asked?.id)).size).toBe(1);
    expect(of('t1')?.state).toBe('MOVED');
  });
});

describe('a series by time', () => {
  const timed = {
    next: 'ON_TIME' as const,
    start: '2030-01-01T09:00:00.000Z',
    place: { date: '2030-01-01T09:00:00.000Z', left: null },
  };
  const job = recurrenceJob({ ...recurrence, ...timed });

  it('moves on when its job fires, to a copy of the task as it is, and sets the next job', async () => {
    jest.useFakeTimers({ now: Date.parse('2030-01-01T09:00:00.010Z') });
    try {
      known(timed);
      await fireRecurrence(test.context, job, { taskId: 't1' });
      await fireRecurrence(test.context, job, { taskId: 't1' });
    } finally {
      jest.useRealTimers();
    }
    const [asked] = test.created;
    expect(test.created).toMatchObject([{ dueAt: '2030-01-02T09:00:00.000Z', source: { copyOf: 't1' } }]);
    expect(test.calls).toEqual([`SET recurrence-${asked.id}-next`, 'INVOKE occurrences', `DELETE ${job}`]);
    expect(test.jobs).toEqual(new Map([[`recurrence-${asked.id}-next`, '2030-01-02T09:00:00.000Z']]));
  });

  it('stays where it is when the task is completed, and goes on when that is deleted', async () => {
    known(timed);
    await changed();
    expect(of('t1')).toMatchObject({ state: 'ACTIVE', successor: null });
    await changed(event({ version: 3 }, 'task.deleted'));
    expect(of('t1')).toMatchObject({ state: 'MOVED' });
  });

  it.each(['a lost job', 'a job of another time'])('%s is put right by the reconciler', async (harm) => {
    const soon = new Date(Date.now() + 60_000).toISOString();
    known({ ...timed, start: soon, place: { date: soon, left: null } });
    await changed(event({ version: 3, completedAt: '2020-01-02T00:00:00.000Z' }, 'task.deleted'));
    const job = recurrenceJob(of(test.created[0].id) as TaskRecurrence);
    expect([...test.jobs]).toEqual([[job, test.created[0].dueAt]]);
    if (harm === 'a lost job') test.jobs.clear();
    else test.jobs.set(job, '2050-01-01T00:00:00.000Z');
    const reconciler = startReconciler(test.context, { maxJobs: 1000 });
    await reconciler.run();
    await reconciler.stop();
    expect([...test.jobs]).toEqual([[job, test.created[0].dueAt]]);
  });

  it('leaves a job that is not its own', async () => {
    known(timed);
    await fireRecurrence(test.context, 'recurrence-t1-other', { taskId: 't1' });
    expect(test.created).toEqual([]);
  });

  it('waits for word of a task that is not there, and ends after a day', async () => {
    test.tasks.clear();
    const yesterday = new Date(Date.now() - 23 * 60 * 60 * 1000).toISOString();
    known({ ...timed, place: { date: yesterday, left: null } });
    await expect(fireRecurrence(test.context, job, { taskId: 't1' })).rejects.toThrow(/is not there/);
    known(timed);
    jest.useFakeTimers({ now: Date.parse('2030-01-02T09:00:01.000Z') });
    await fireRecurrence(test.context, job, { taskId: 't1' }).finally(() => jest.useRealTimers());
    expect(of('t1')?.state).toBe('ENDED');
  });
});
