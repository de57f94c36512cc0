import type { Ready } from '@todo/dev/start/ready';
import { encodeIdentity, IDENTITY_HEADER } from '@todo/service/identity';

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

/** Sends an operation to the task service as the gateway does, through both sidecars; its data. @throws where it has errors */
export async function send({ apps }: Ready, user: string, query: string, variables: object): Promise<any> {
  const gateway = apps['api-gateway'];
  if (!gateway) throw new Error('the stack has no api-gateway');
  const url = `http://127.0.0.1:${gateway.daprHttpPort}/v1.0/invoke/task-service/method/graphql`;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'dapr-api-token': gateway.daprApiToken,
      [IDENTITY_HEADER]: encodeIdentity({ sub: user, scopes: [], claims: {} }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown };
  if (errors || !data) throw new Error(`status ${response.status}: ${JSON.stringify(errors)}`);
  return data;
}
