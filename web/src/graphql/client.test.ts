import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Client } from 'urql';
import type { Session } from '../auth/session.ts';
import {
  ColumnDocument,
  CompleteTaskDocument,
  TaskChangedDocument,
  TaskHistoryDocument,
  type ColumnQuery,
  type TaskStatus,
} from '../generated/operations.ts';
import { changeTask } from './change-task.ts';
import { createClient } from './client.ts';
import type { Live } from './live.ts';
import { createStore } from './store.ts';

// The cache between answers and events that overtake one another. The gateway is a function that tests answer for.
type Answer = { data?: unknown; errors?: unknown[] };
type Asked = { operationName: string; variables: Record<string, any>; answer: (answer: Answer) => void };

const gatewayOf = globalThis.fetch;
let asked: Asked[];
let tell: (event: object) => void;
let client: Client;
beforeEach(() => {
  asked = [];
  globalThis.fetch = async (_url, init) => {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    asked.push({ ...JSON.parse(String(init?.body)), answer: resolve });
    return Response.json(await promise);
  };
  const live: Live = {
    status: createStore<'live'>('live') as Live['status'],
    gaps: createStore(0),
    subscribe: (_query, sink) => {
      tell = (taskChanged) => sink.next({ data: { taskChanged } });
      return () => {};
    },
    stop: () => {},
  };
  client = createClient({ token: async () => 'a token' } as Session, live);
  client.subscription(TaskChangedDocument, {}).subscribe(() => {});
});
afterEach(() => {
  globalThis.fetch = gatewayOf;
});

const task = (id: string, version: number, status: TaskStatus = 'PENDING') => ({
  __typename: 'Task',
  id,
  version,
  status,
  title: id,
  description: null,
  priority: 'NORMAL',
  tags: [],
  dueAt: null,
  dueTimeZone: null,
  isOverdue: false,
  checklist: [],
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
});
const changed = (now: ReturnType<typeof task>, type = 'updated') => ({
  __typename: 'TaskChange',
  id: `${now.id}-${now.version}`,
  type: `com.todo.task.${type}.v1`,
  version: now.version,
  subject: now.id,
  task: type === 'deleted' ? null : now,
});
const list = (...nodes: object[]) => ({
  data: {
    tasks: {
      __typename: 'TaskConnection',
      nodes,
      pageInfo: { __typename: 'PageInfo', hasNextPage: false, endCursor: null },
    },
  },
});

/** Lets what is under way come to its end. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
const next = async (operationName: string): Promise<Asked> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = asked.findIndex((each) => each.operationName === operationName);
    if (found >= 0) return asked.splice(found, 1)[0] as Asked;
    await settle();
  }
  throw new Error(`nobody asked for ${operationName}`);
};

/** A column as the board shows it: asked for, and followed. */
function column(status: TaskStatus): () => string[] {
  let shown: ColumnQuery | undefined;
  const variables = { filter: { status: [status] }, orderBy: { field: 'CREATED_AT' as const }, after: null };
  client.query(ColumnDocument, variables).subscribe(({ data }) => (shown = data));
  return () => (shown?.tasks.nodes ?? []).filter((each) => each.status === status).map(({ id }) => id);
}
/** The columns of open and of completed tasks, with what is in them at first. */
async function board(...open: object[]) {
  const columns = { pending: column('PENDING'), completed: column('COMPLETED') };
  (await next('Column')).answer(list(...open));
  (await next('Column')).answer(list());
  await settle();
  return columns;
}

test('an event that comes late does not undo what the user has done since', async () => {
  const { pending, completed } = await board(task('a', 1));
  const done = changeTask(client, CompleteTaskDocument, { id: 'a', version: 1 });
  const { answer } = await next('CompleteTask');
  await settle();
  expect([pending(), completed()]).toEqual([[], ['a']]);
  tell(changed(task('a', 1), 'created'));
  await settle();
  expect([pending(), completed()]).toEqual([[], ['a']]);
  answer({ data: { completeTask: task('a', 2, 'COMPLETED') } });
  await done;
  tell(changed(task('a', 1), 'created'));
  await settle();
  expect([pending(), completed()]).toEqual([[], ['a']]);
});

test('a move that is refused is taken back, also where something else happened meanwhile', async () => {
  const { pending, completed } = await board(task('a', 1), task('b', 1));
  const done = changeTask(client, CompleteTaskDocument, { id: 'a', version: 1 });
  const { answer } = await next('CompleteTask');
  tell(changed(task('b', 2)));
  tell(changed(task('c', 1), 'created'));
  await settle();
  expect(completed()).toEqual(['a']);
  answer({ errors: [{ message: 'it has another version', extensions: { code: 'CONFLICT' } }] });
  (await next('Task')).answer({ data: { task: task('a', 1) } });
  expect((await done)?.graphQLErrors[0]?.extensions).toMatchObject({ code: 'CONFLICT' });
  await settle();
  expect([pending().toSorted(), completed()]).toEqual([['a', 'b', 'c'], []]);
});

test('what happens while a list is on its way is in it, and what was deleted is not', async () => {
  const pending = column('PENDING');
  const { answer } = await next('Column');
  tell(changed(task('new', 1), 'created'));
  tell(changed(task('moved', 2, 'COMPLETED'), 'completed'));
  tell(changed(task('gone', 2), 'deleted'));
  await settle();
  // As it was when the service looked.
  answer(list(task('old', 1), task('moved', 1), task('gone', 1)));
  await settle();
  expect(pending().toSorted()).toEqual(['new', 'old']);
});

test('a query for a part of a task leaves it where it is', async () => {
  const { pending } = await board(task('a', 1));
  client.query(TaskHistoryDocument, { id: 'a', after: null }).subscribe(() => {});
  const history = { __typename: 'TaskHistoryConnection', nodes: [], pageInfo: list().data.tasks.pageInfo };
  (await next('TaskHistory')).answer({ data: { task: { __typename: 'Task', id: 'a', history } } });
  await settle();
  expect(pending()).toEqual(['a']);
});

test('changes of one task are sent one after another', async () => {
  await board(task('a', 1));
  const both = [1, 2].map((version) => changeTask(client, CompleteTaskDocument, { id: 'a', version }));
  const first = await next('CompleteTask');
  await settle();
  expect(asked).toEqual([]);
  first.answer({ data: { completeTask: task('a', 2, 'COMPLETED') } });
  const second = await next('CompleteTask');
  expect([first, second].map(({ variables }) => variables['version'])).toEqual([1, 2]);
  second.answer({ data: { completeTask: task('a', 3, 'COMPLETED') } });
  await Promise.all(both);
});
