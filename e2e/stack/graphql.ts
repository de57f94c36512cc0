import { expect } from '@jest/globals';
import { ready } from './ready.ts';
import type { User } from './user.ts';

type Answer = {
  status: number;
  // Tests say with their expectations what is in it.
  data: any;
  errors: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[] | undefined;
};

/** Sends one operation to the gateway over HTTP: to its first replica unless `url` is another's. */
export async function graphql(
  user: Pick<User, 'token'> | undefined,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
  url = ready().urls.graphql,
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(user && { authorization: `Bearer ${user.token}` }),
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
  });
  const body = (await response.json()) as Omit<Answer, 'status'>;
  return { status: response.status, data: body.data, errors: body.errors };
}

/** `graphql` for what must succeed: the data, with no errors beside it. */
export async function ok(user: User, query: string, variables?: Record<string, unknown>, url?: string): Promise<any> {
  const { data, errors } = await graphql(user, query, variables, {}, url);
  expect(errors).toBeUndefined();
  return data;
}

/** Creates a task and returns its id and version. */
export async function createTask(user: User, input: object, url?: string): Promise<{ id: string; version: number }> {
  const query = `mutation ($input: CreateTaskInput!) { createTask(input: $input) { id version } }`;
  return (await ok(user, query, { input }, url)).createTask;
}
