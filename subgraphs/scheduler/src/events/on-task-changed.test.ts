import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createEvent, type TaskData } from '@todo/service/events';
import type { StateOperation, Versioned } from '@todo/service/state';
import { REMEMBER_SECONDS } from '@todo/service/topics';
import type { AppContext } from '../context.ts';
import type { Reminder, TaskReminders } from '../reminder.ts';
import { onTaskChanged } from './on-task-changed.ts';

const task: TaskData = {
  id: 't1',
  ownerId: 'alice',
  title: 'Water the plants',
  description: null,
  status: 'PENDING',
  priority: 'NORMAL',
  tags: [],
  dueTimeZone: null,
  checklist: [],
  dueAt: '2040-01-01T00:00:00.000Z',
  createdAt: '2030-01-01T00:00:00.000Z',
  updatedAt: '2030-01-01T00:00:00.000Z',
  completedAt: null,
  version: 1,
};
const event = (data: Partial<TaskData>, topic: 'task.updated' | 'task.deleted' = 'task.updated') =>
  createEvent(topic, {
    source: 'task-service',
    subject: 't1',
    time: '2030-01-01T00:00:00.000Z',
    data: { ...task, ...data },
  });

const get = jest.fn<(key: string) => Promise<Versioned<TaskReminders> | undefined>>();
const transact = jest.fn<(operations: StateOperation[]) => Promise<void>>();
type Send = (path: string, options: { method?: string; body?: unknown }) => Promise<{ status: number; body: string }>;
const send = jest.fn<Send>();
const context = { state: { get, transact }, dapr: { send } } as unknown as AppContext;

/** The jobs that were set and deleted, in order. */
const jobs = () => send.mock.calls.map(([path, { method }]) => `${method ?? 'SET'} ${path.split('/').at(-1)}`);
const written = () => (transact.mock.lastCall as unknown as [[{ value: TaskReminders }]])[0][0].value;

const reminder: Reminder = {
  id: 'r1',
  at: task.dueAt as string,
  job: 'reminder-t1-1',
  eventId: 'e1',
  firedAt: null,
};
const known = (reminders: Reminder[]) =>
  get.mockResolvedValue({
    etag: 'x',
    value: { taskId: 't1', ownerId: 'alice', title: 'Old', version: 1, reminders },
  });

beforeEach(() => {
  get.mockReset().mockResolvedValue(undefined);
  transact.mockReset().mockResolvedValue();
  send.mockReset().mockResolvedValue({ status: 204, body: '' });
});

describe('a task event', () => {
  it('sets a job at the due date and remembers the reminder', async () => {
    await onTaskChanged(context, event({}));
    expect(send).toHaveBeenCalledWith(
      '/v1.0/jobs/reminder-t1-1',
      expect.objectContaining({ body: expect.objectContaining({ dueTime: task.dueAt, overwrite: true }) }),
    );
    expect(transact.mock.calls[0]?.[0]).toMatchObject([
      { op: 'create', key: 'reminders-t1', value: { version: 1, reminders: [{ at: task.dueAt, firedAt: null }] } },
    ]);
  });

  it('of a version that is known already changes nothing', async () => {
    known([reminder]);
    await onTaskChanged(context, event({ version: 1, dueAt: null }));
    expect(transact).not.toHaveBeenCalled();
    expect(send).not.toHaveBeenCalled();
  });

  it('that comes too late takes back the job that it had set and could not write down', async () => {
    known([]);
    await onTaskChanged(context, event({ version: 1 }));
    expect(jobs()).toEqual(['DELETE reminder-t1-1']);
    expect(transact).not.toHaveBeenCalled();
  });

  it('does not remind again of a due date that was reminded of', async () => {
    known([{ ...reminder, firedAt: '2040-01-01T00:00:00.100Z' }]);
    await onTaskChanged(context, event({ version: 2, title: 'Changed while it fell due' }));
    expect(jobs()).toEqual([]);
    expect(written().reminders).toHaveLength(1);
  });

  it('that moves the due date sets the new job first and deletes the old one last', async () => {
    known([reminder]);
    await onTaskChanged(context, event({ version: 2, dueAt: '2041-01-01T00:00:00.000Z' }));
    expect(jobs()).toEqual(['SET reminder-t1-2', 'DELETE reminder-t1-1']);
    expect(written().reminders.map(({ at }) => at)).toEqual(['2041-01-01T00:00:00.000Z']);
  });

  it('that leaves the due date alone keeps the reminder and its job', async () => {
    known([reminder]);
    await onTaskChanged(context, event({ version: 2, title: 'New' }));
    expect(jobs()).toEqual([]);
    expect(written()).toMatchObject({ title: 'New', version: 2, reminders: [reminder] });
  });

  it.each([
    ['completes the task', { status: 'COMPLETED' as const }],
    ['clears the due date', { dueAt: null }],
    ['sets a due date that is past', { dueAt: '2029-01-01T00:00:00.000Z' }],
  ])('that %s takes the reminder back', async (_, change) => {
    known([reminder]);
    await onTaskChanged(context, event({ version: 2, ...change }));
    expect(jobs()).toEqual(['DELETE reminder-t1-1']);
    expect(written().reminders).toEqual([]);
  });

  it('that deletes the task leaves a mark, so that a late event does not bring it back', async () => {
    const fired = { ...reminder, id: 'r0', job: 'reminder-t1-0', firedAt: '2030-01-01T00:00:00.000Z' };
    known([fired, reminder]);
    await onTaskChanged(context, event({ version: 2 }, 'task.deleted'));
    expect(jobs()).toEqual(['DELETE reminder-t1-1']);
    expect(transact.mock.calls[0]?.[0]).toMatchObject([
      { op: 'replace', etag: 'x', ttlSeconds: REMEMBER_SECONDS, value: { version: 2, reminders: [] } },
    ]);
  });

  it('fails, to come again, where the job cannot be set: nothing is written', async () => {
    send.mockResolvedValue({ status: 500, body: 'scheduler is away' });
    await expect(onTaskChanged(context, event({}))).rejects.toThrow(/scheduler is away/);
    expect(transact).not.toHaveBeenCalled();
  });
});
