import type { Ready } from '@todo/dev/start/ready';
import { invoke } from '../stack.ts';

/** Something that is measured: sends what it is about as a user, with one of the user's ids for each call. */
export type Operation = { name: string; isList: boolean; query: string; variables: (ids: string[]) => object };

const FIELDS = `nodes { id title status priority tags dueAt createdAt } pageInfo { hasNextPage endCursor }`;
const list = (
  name: string,
  filter: object,
  orderBy: object = { field: 'CREATED_AT', direction: 'DESC' },
): Operation => ({
  name,
  isList: true,
  query: `query ($filter: TaskFilter, $orderBy: TaskOrder!) { tasks(first: 20, filter: $filter, orderBy: $orderBy) { ${FIELDS} } }`,
  variables: () => ({ filter, orderBy }),
});
const one = (ids: string[]): string => ids[Math.floor(Math.random() * ids.length)] as string;

export const operations: Operation[] = [
  // What the way there and back takes, and what else the machine does.
  { name: 'nothing', isList: false, query: `{ __typename }`, variables: () => ({}) },
  {
    name: 'create',
    isList: false,
    query: `mutation ($input: CreateTaskInput!) { createTask(input: $input) { id } }`,
    variables: () => ({ input: { title: 'Bench a new task', tags: ['context1'], dueAt: '2040-01-01T00:00:00Z' } }),
  },
  {
    name: 'get',
    isList: false,
    query: `query ($id: ID!) { task(id: $id) { id title status version } }`,
    variables: (ids) => ({ id: one(ids) }),
  },
  {
    name: '_entities of 100',
    isList: false,
    query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Task { id title status } } }`,
    variables: (ids) => ({ of: Array.from({ length: 100 }, () => ({ __typename: 'Task', id: one(ids) })) }),
  },
  list('newest', {}),
  list('open, by due date', { status: ['PENDING', 'IN_PROGRESS'] }, { field: 'DUE_AT', direction: 'ASC' }),
  list('overdue, by due date', { overdue: true }, { field: 'DUE_AT', direction: 'ASC' }),
  list('newest with a tag', { tags: ['context3'] }),
  list('search of a word', { search: 'garden' }),
];

/** Sends an operation to the task service as a user; its data. @throws where it has errors */
export const send = (ready: Ready, user: string, query: string, variables: object): Promise<any> =>
  invoke(ready, 'task-service', { sub: user, scopes: [], claims: {} }, query, variables);
