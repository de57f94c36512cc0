import { beforeEach, expect, it, jest } from '@jest/globals';
import { StaleState, type StateOperation, type Versioned } from '@todo/service/state';
import { REMEMBER_SECONDS } from '@todo/service/topics';
import { ZodError } from 'zod';
import type { AppContext } from '../context.ts';
import { type TaskDocument, taskKey } from '../task.ts';
import { occurrences } from './occurrences.ts';

const id = '0198c0de-0000-7000-8000-000000000002';
const source: TaskDocument = {
  id: '0198c0de-0000-7000-8000-000000000001',
  ownerId: 'alice',
  title: 'Water the plants',
  description: 'All',
  status: 'IN_PROGRESS',
  priority: 'HIGH',
  tags: ['home'],
  dueAt: '2040-01-01T09:00:00.000Z',
  dueTimeZone: null,
  checklist: [{ id: 'c1', text: 'Balcony', done: true }],
  createdAt: '2030-01-01T00:00:00.000Z',
  updatedAt: '2030-01-01T00:00:00.000Z',
  completedAt: null,
  version: 3,
};
const asked = {
  key: 's1/2040-01-02T09:00:00.000Z',
  id,
  ownerId: 'alice',
  dueAt: '2040-01-02T09:00:00.000Z',
  dueTimeZone: 'Europe/Berlin',
  source: { copyOf: source.id },
};

const documents = new Map<string, Versioned<unknown> & { ttlSeconds?: number | undefined }>();
const transact = jest.fn(async (operations: StateOperation[]): Promise<void> => {
  if (operations.some(({ op, key }) => op === 'create' && documents.has(key))) throw new StaleState('there already');
  for (const operation of operations)
    if (operation.op !== 'delete') documents.set(operation.key, { ...operation, value: operation.value, etag: 'x' });
});
const getMany = async (keys: readonly string[]) =>
  new Map(keys.flatMap((key) => (documents.has(key) ? [[key, documents.get(key)]] : [])) as []);
const context = { appId: 'task-service', state: { getMany, transact }, relay: { nudge() {} } } as unknown as AppContext;
const route = occurrences(() => context, 'scheduler-service');
const task = () => documents.get(taskKey(id))?.value as TaskDocument | undefined;

beforeEach(() => {
  documents.clear();
  documents.set(taskKey(source.id), { value: source, etag: 'x' });
  transact.mockClear();
});

it('creates a copy with nothing done, in one transaction with its event and its key', async () => {
  expect(await route.handle(asked)).toEqual({ id });
  expect(task()).toEqual({
    ...source,
    id,
    status: 'PENDING',
    dueAt: asked.dueAt,
    dueTimeZone: 'Europe/Berlin',
    version: 1,
    checklist: [{ id: expect.not.stringMatching(/^c1$/), text: 'Balcony', done: false }],
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
  });
  const [operations] = transact.mock.calls[0] ?? [];
  expect(operations?.map(({ key }) => key.split('-')[0])).toEqual(['task', 'outbox', 'once']);
  expect(operations?.at(-1)).toMatchObject({ ttlSeconds: REMEMBER_SECONDS });
});

it.each([
  ['changed by its owner since', () => documents.set(taskKey(id), { value: { ...task(), title: 'Mine' }, etag: 'y' })],
  ['deleted by its owner since', () => documents.delete(taskKey(id))],
  [
    'known by itself, when its key is forgotten',
    () => [...documents.keys()].filter((key) => key.startsWith('once-')).forEach((key) => documents.delete(key)),
  ],
])('asked again it creates nothing: the task is %s', async (_, meanwhile) => {
  await route.handle(asked);
  meanwhile();
  const before = task();
  documents.delete(taskKey(source.id));
  expect(await route.handle(asked)).toEqual({ id });
  expect(task()).toEqual(before);
  expect(transact).toHaveBeenCalledTimes(1);
});

it('creates a copy of what it is given, where the task may be gone', async () => {
  documents.clear();
  const { title, description, priority, tags } = source;
  await route.handle({
    ...asked,
    source: { task: { title, description, priority, tags, checklist: [{ text: 'Balcony' }] } },
  });
  expect(task()).toMatchObject({ title, checklist: [{ text: 'Balcony', done: false }], status: 'PENDING' });
});

it.each([
  ['is none', () => documents.clear()],
  ['is another owner’s', () => documents.set(taskKey(source.id), { value: { ...source, ownerId: 'bob' }, etag: 'x' })],
])('creates nothing where the task to copy %s', async (_, arrange) => {
  arrange();
  expect(await route.handle(asked)).toEqual({ id: null });
  expect(transact).not.toHaveBeenCalled();
});

it.each([
  { ...asked, id: 'x' },
  { ...asked, key: '' },
  { ...asked, dueAt: 'tomorrow' },
  { ...asked, more: 1 },
  { ...asked, source: {} },
])('refuses what does not fit', async (body) => {
  await expect(route.handle(body)).rejects.toThrow(ZodError);
});
