import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StaleState, type StateOperation, type Versioned } from '@todo/service/state';
import { changeTask } from './change.ts';
import type { AppContext } from './context.ts';
import type { TaskDocument } from './task.ts';

const id = '0198c0de-0000-7000-8000-000000000001';
const now = '2030-01-01T00:00:00.000Z';
const task: TaskDocument = {
  id,
  ownerId: 'alice',
  title: 'Water the plants',
  description: null,
  status: 'PENDING',
  dueAt: null,
  createdAt: now,
  updatedAt: now,
  completedAt: null,
  version: 3,
};

const get = jest.fn<(key: string) => Promise<Versioned<TaskDocument> | undefined>>();
const transact = jest.fn<(operations: StateOperation[]) => Promise<void>>();
const nudge = jest.fn();
const context = { appId: 'task-service', state: { get, transact }, relay: { nudge } } as unknown as AppContext;
const rename = (found: TaskDocument) => ({
  topic: 'task.updated' as const,
  task: { ...found, title: 'New', version: found.version + 1 },
});

beforeEach(() => {
  get.mockReset().mockResolvedValue({ value: task, etag: 'e1' });
  transact.mockReset().mockResolvedValue();
  nudge.mockReset();
});

const failure = (code: string) => expect.objectContaining({ extensions: expect.objectContaining({ code }) });

describe('changeTask', () => {
  it('writes the document with its ETag and the event in one transaction, then nudges the relay', async () => {
    await changeTask(context, { id, ownerId: 'alice' }, rename);
    expect(transact).toHaveBeenCalledTimes(1);
    expect(transact.mock.calls[0]?.[0]).toEqual([
      { op: 'replace', key: `task-${id}`, etag: 'e1', value: expect.objectContaining({ title: 'New', version: 4 }) },
      {
        op: 'create',
        key: expect.stringMatching(/^outbox-/),
        value: expect.objectContaining({
          topic: 'task.updated',
          key: id,
          event: expect.objectContaining({ data: expect.objectContaining({ version: 4 }) }),
        }),
      },
    ]);
    expect(nudge).toHaveBeenCalledTimes(1);
  });

  it('reads again and tries again where someone else was faster', async () => {
    transact.mockRejectedValueOnce(new StaleState('changed'));
    get.mockResolvedValueOnce({ value: task, etag: 'e1' });
    get.mockResolvedValueOnce({ value: { ...task, version: 4 }, etag: 'e2' });
    const changed = await changeTask(context, { id, ownerId: 'alice' }, rename);
    expect(changed.version).toBe(5);
  });

  it('gives up with CONFLICT after five tries', async () => {
    transact.mockRejectedValue(new StaleState('changed'));
    await expect(changeTask(context, { id, ownerId: 'alice' }, rename)).rejects.toEqual(failure('CONFLICT'));
    expect(transact).toHaveBeenCalledTimes(5);
  });

  it('is a CONFLICT at once where the caller expected a version', async () => {
    await expect(changeTask(context, { id, ownerId: 'alice', expectedVersion: 2 }, rename)).rejects.toEqual(
      failure('CONFLICT'),
    );
    expect(transact).not.toHaveBeenCalled();
    transact.mockRejectedValue(new StaleState('changed'));
    await expect(changeTask(context, { id, ownerId: 'alice', expectedVersion: 3 }, rename)).rejects.toEqual(
      failure('CONFLICT'),
    );
    expect(transact).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['is not there', undefined],
    ["is another user's", { value: { ...task, ownerId: 'bob' }, etag: 'e1' }],
  ])('is NOT_FOUND where the task %s', async (_, found) => {
    get.mockResolvedValue(found);
    await expect(changeTask(context, { id, ownerId: 'alice' }, rename)).rejects.toEqual(failure('NOT_FOUND'));
  });

  it('never asks the store for what cannot be an id', async () => {
    await expect(changeTask(context, { id: '../outbox-1', ownerId: 'alice' }, rename)).rejects.toEqual(
      failure('NOT_FOUND'),
    );
    expect(get).not.toHaveBeenCalled();
  });

  it('writes nothing where nothing is to change', async () => {
    expect(await changeTask(context, { id, ownerId: 'alice' }, () => null)).toBe(task);
    expect(transact).not.toHaveBeenCalled();
  });
});
