import { ApolloServer } from '@apollo/server';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createObserve } from '../observe/observe.ts';
import type { OperationContext, OperationRequest } from '../operations/server.ts';
import { testCaller, testContext } from '../testing/context.ts';
import { createArrivals } from './callers.ts';
import { startPublicServer, type PublicServer } from './public.ts';

const operations = new ApolloServer<OperationContext>({
  typeDefs: 'type Query { echo(word: String): String, secret: String }',
  resolvers: { Query: { echo: (_: unknown, { word }: { word: string }) => word, secret: () => 'told' } },
  allowBatchedHttpRequests: true,
});
/** Knows operations by name, and lets through nothing else. */
const known: Record<string, OperationRequest> = {
  hello: { query: '{ echo(word: "hello & so on") }' },
  given: { query: 'query ($word: String) { echo(word: $word) }', variables: { word: 'ä=1&b' } },
};
const admitted: OperationRequest[][] = [];
let server: PublicServer;
beforeAll(async () => {
  await operations.start();
  const context = testContext();
  server = await startPublicServer(
    context,
    {
      operations,
      shortcut: () => undefined,
      arrivalOf: createArrivals(context),
      callerOf: async (_request, arrival) => testCaller(arrival),
      admit: async (requests) => {
        admitted.push(requests);
        return { requests: requests.map(({ query = '' }) => known[query] ?? {}), headers: { 'x-admitted': 'yes' } };
      },
      observe: createObserve(context, new AbortController().signal),
    },
    () => [],
    new AbortController().signal,
  );
});
afterAll(async () => {
  await server.stop();
  await operations.stop();
});

const post = (body: unknown, accept = 'application/json') =>
  fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(body),
  });
const get = (search: Record<string, string>) =>
  fetch(`${server.url}/graphql?${new URLSearchParams(search)}`, { headers: { 'apollo-require-preflight': '1' } });

test('what runs is what was admitted, however it came', async () => {
  const hello = { data: { echo: 'hello & so on' } };
  const given = { data: { echo: 'ä=1&b' } };
  const response = await post({ query: 'hello' });
  expect(response.headers.get('x-admitted')).toBe('yes');
  expect(await response.json()).toEqual(hello);
  expect(await (await post([{ query: 'given' }, { query: 'hello' }])).json()).toEqual([given, hello]);
  expect(await (await get({ query: 'hello' })).json()).toEqual(hello);
  expect(await (await get({ query: 'given', variables: '{"word":"other"}' })).json()).toEqual(given);
  expect(await (await post({ query: 'given' }, 'text/event-stream')).text()).toContain('ä=1&b');
});

test.each([
  ['POST', () => post({ query: '{ secret }' })],
  ['a batch', () => post([{ query: '{ secret }' }])],
  ['GET', () => get({ query: '{ secret }' })],
  ['GET, twice', () => fetch(`${server.url}/graphql?query=hello&query={secret}`)],
])('nothing goes past it: %s', async (_how, send) => {
  expect(await (await send()).text()).not.toContain('told');
});

test.each([
  ['a body that is no object', () => post('hello'), 'expected object'],
  ['a query that is no text', () => post({ query: 1 }), 'query: Invalid input: expected string'],
  ['variables as text', () => post({ query: 'hello', variables: '{}' }), 'variables: Invalid input: expected record'],
  ['nothing within a batch', () => post([null]), 'expected object'],
  ['variables that are no JSON', () => get({ query: 'hello', variables: '{' }), 'variables: Invalid JSON'],
])('%s is 400, and says why', async (_what, send, message) => {
  admitted.length = 0;
  const response = await send();
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    errors: [{ message: expect.stringContaining(message), extensions: { code: 'BAD_REQUEST' } }],
  });
  expect(admitted).toEqual([]);
});
