import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StaleState, type StateOperation, type Versioned } from '@todo/service/state';
import { type ChangeContext, changeTask, createTask } from './change.ts';
import type { TaskDocument } from './task.ts';

const id = '0198c0de-0000-7000-8000-000000000001';
const now = '2030-01-01T00:00:00.000Z';
const task: TaskDocument = {
  id,
  ownerId: 'alice',
  title: 'Water the plants',
  description: null,
  status: 'PENDING',
  priority: 'NORMAL',
  tags: [],
  dueTimeZone: null,
  checklist: [],
  dueAt: null,
  createdAt: now,
  updatedAt: now,
  completedAt: null,
  version: 3,
};

/** A state store: documents by key, ETags that change with each write. */
const documents = new Map<string, Versioned<unknown>>();
let writes = 0;
const getMany = jest.fn(async (keys: readonly string[]) => {
  return new Map(keys.flatMap((key) => (documents.has(key) ? [[key, documents.get(key)] as const] : [])));
});
const transact = jest.fn(async (operations: StateOperation[]): Promise<void> => {
  for (const operation of operations) {
    const known = documents.get(operation.key)?.etag;
    if (operation.op === 'create' ? known !== undefined : known !== operation.etag) throw new StaleState('stale');
  }
  for (const operation of operations) {
    if (operation.op === 'delete') documents.delete(operation.key);
    else documents.set(operation.key, { value: operation.value, etag: `e${++writes}` });
  }
});
const nudge = jest.fn();
const context = {
  appId: 'task-service',
  state: { getMany, transact },
  relay: { nudge },
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
} as unknown as ChangeContext;
const rename = (found: TaskDocument) => ({
  topic: 'task.updated' as const,
  task: { ...found, title: 'New', version: found.version + 1 },
});
const target = { id, ownerId: 'alice' };
const outbox = () => [...documents].filter(([key]) => key.startsWith('outbox-')).map(([, { value }]) => value as Entry);
type Entry = { topic: string; key: string; event: { traceparent: string; data: TaskDocument } };

/** Someone else changes the task after each of the next reads. */
function disturb(times: number): void {
  for (let i = 0; i < times; i++)
    transact.mockImplementationOnce(async () => {
      throw new StaleState('changed');
    });
}

beforeEach(() => {
  documents.clear();
  documents.set(`task-${id}`, { value: task, etag: 'e0' });
  jest.clearAllMocks();
});

const failure = (code: string) => expect.objectContaining({ extensions: expect.objectContaining({ code }) });

describe('changeTask', () => {
  it('writes the document with its ETag and the event, with its trace, in one transaction, then nudges the relay', async () => {
    await changeTask(context, target, rename);
    expect(transact).toHaveBeenCalledTimes(1);
    expect(documents.get(`task-${id}`)?.value).toMatchObject({ title: 'New', version: 4 });
    expect(outbox()).toEqual([
      expect.objectContaining({
        topic: 'task.updated',
        key: id,
        event: expect.objectContaining({
          traceparent: context.traceparent,
          data: expect.objectContaining({ version: 4 }),
        }),
      }),
    ]);
    expect(nudge).toHaveBeenCalledTimes(1);
  });

  it('reads again and tries again where someone else was faster', async () => {
    disturb(1);
    expect(await changeTask(context, target, rename)).toMatchObject({ title: 'New', version: 4 });
    expect(getMany).toHaveBeenCalledTimes(2);
  });

  it('gives up with CONFLICT after five tries', async () => {
    disturb(5);
    await expect(changeTask(context, target, rename)).rejects.toEqual(failure('CONFLICT'));
    expect(transact).toHaveBeenCalledTimes(5);
  });

  it('is a CONFLICT at once where the caller expected a version', async () => {
    await expect(changeTask(context, { ...target, expectedVersion: 2 }, rename)).rejects.toEqual(failure('CONFLICT'));
    expect(transact).not.toHaveBeenCalled();
    disturb(1);
    await expect(changeTask(context, { ...target, expectedVersion: 3 }, rename)).rejects.toEqual(failure('CONFLICT'));
    expect(transact).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['is not there', undefined],
    ["is another user's", { value: { ...task, ownerId: 'bob' }, etag: 'e1' }],
  ])('is NOT_FOUND where the task %s', async (_, found) => {
    if (found) documents.set(`task-${id}`, found);
    else documents.clear();
    await expect(changeTask(context, target, rename)).rejects.toEqual(failure('NOT_FOUND'));
  });

  it('never asks the store for what cannot be an id', async () => {
    await expect(changeTask(context, { id: '../outbox-1', ownerId: 'alice' }, rename)).rejects.toEqual(
      failure('NOT_FOUND'),
    );
    expect(getMany).toHaveBeenCalledWith([]);
  });

  it('writes nothing where nothing is to change', async () => {
    expect(await changeTask(context, target, () => null)).toBe(task);
    expect(transact).not.toHaveBeenCalled();
  });
});

const once = { stateKey: 'once-1', fingerprint: 'f1' };
const remove = (found: TaskDocument) => ({ topic: 'task.deleted' as const, task: found });
const renameOnce = () => changeTask(context, { ...target, once, expectedVersion: 3 }, rename);

describe('with an idempotency key', () => {
  it('gives the same answer to the same call, and changes nothing again', async () => {
    const first = await changeTask(context, { ...target, once }, rename);
    await changeTask(context, target, (found) => ({
      topic: 'task.updated',
      task: { ...found, title: 'Newer', version: found.version + 1 },
    }));
    expect(await changeTask(context, { ...target, once }, rename)).toEqual(first);
    expect(outbox()).toHaveLength(2);
  });

  it('gives the same answer where nothing was to change then, and something is by now', async () => {
    const first = await changeTask(context, { ...target, once }, () => null);
    await changeTask(context, target, rename);
    expect(await changeTask(context, { ...target, once }, rename)).toEqual(first);
    expect(outbox()).toHaveLength(1);
  });

  it('answers after a deletion as well', async () => {
    await changeTask(context, { ...target, once }, remove);
    expect(await changeTask(context, { ...target, once }, remove)).toEqual(task);
  });

  it('is a CONFLICT for another call', async () => {
    await changeTask(context, { ...target, once }, rename);
    const other = { ...once, fingerprint: 'f2' };
    await expect(changeTask(context, { ...target, once: other }, rename)).rejects.toEqual(failure('CONFLICT'));
    await expect(createTask(context, task, other)).rejects.toEqual(failure('CONFLICT'));
  });

  it('two calls at the same time are one change, also where they expect a version', async () => {
    const [one, other] = await Promise.all([renameOnce(), renameOnce()]);
    expect(one).toEqual(other);
    expect(outbox()).toHaveLength(1);
  });

  it('two creations at the same time are one task', async () => {
    documents.clear();
    const ids = ['0198c0de-0000-7000-8000-00000000000a', '0198c0de-0000-7000-8000-00000000000b'];
    const [one, other] = await Promise.all(ids.map((taskId) => createTask(context, { ...task, id: taskId }, once)));
    expect(one).toEqual(other);
    expect(outbox()).toHaveLength(1);
  });

  it('keeps no answer to a call that failed', async () => {
    await expect(changeTask(context, { ...target, ownerId: 'bob', once }, rename)).rejects.toEqual(
      failure('NOT_FOUND'),
    );
    expect(documents.has('once-1')).toBe(false);
  });
});
