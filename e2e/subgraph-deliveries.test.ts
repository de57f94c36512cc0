import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Double, replaceApp } from './stack/double.ts';
import { graphql } from './stack/graphql.ts';
import { startOwnGateway, type OwnGateway } from './stack/own-gateway.ts';
import { newUser, type User } from './stack/user.ts';

const QUERY = '{ task(id: "x") { id } }';
const MUTATION = 'mutation { deleteTask(id: "x") { id } }';

let user: User;
let gateway: OwnGateway;
let double: Double;

beforeAll(async () => {
  user = await newUser();
  gateway = await startOwnGateway({ SUBGRAPH_RETRIES: '2', SUBGRAPH_BREAKER_PERCENT: '0' });
  double = await replaceApp('task-service');
});
afterAll(async () => {
  await double.stop();
  await gateway.stop();
});

const send = (query: string, headers: Record<string, string> = {}) =>
  graphql(user, query, {}, headers, gateway.graphql);
const answer = (_request: IncomingMessage, response: ServerResponse) => response.end('{"data":{"task":null}}');
const drop = (request: IncomingMessage) => request.socket.destroy();
const failWith = (status: number) => (_request: IncomingMessage, response: ServerResponse) =>
  response.writeHead(status).end();

/** Leaves connections open that can be used again: on those, a client may take it upon itself to repeat a request. */
async function warmUp(): Promise<void> {
  double.answer(answer);
  for (let i = 0; i < 3; i++) expect((await send(QUERY)).errors).toBeUndefined();
  expect(double.delivered).toHaveLength(3);
}

it.each([
  ['drops the connection', drop],
  ['answers 500', failWith(500)],
  ['answers 503', failWith(503)],
  ['answers 429', failWith(429)],
])('a mutation is delivered once to a subgraph that %s, with its idempotency key', async (_name, fail) => {
  await warmUp();
  double.answer(fail);
  const { errors } = await send(MUTATION, { 'idempotency-key': 'the-clients' });
  expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['SUBGRAPH_UNAVAILABLE']);
  expect(double.delivered).toHaveLength(1);
  expect(double.delivered[0]?.headers['idempotency-key']).toBe('the-clients');
});

it.each([
  ['drops the connection', drop, 3],
  ['answers 503', failWith(503), 3],
  ['answers 500', failWith(500), 1],
])('a query to a subgraph that %s is delivered once for each attempt of the gateway', async (_name, fail, attempts) => {
  await warmUp();
  double.answer(fail);
  const { errors } = await send(QUERY);
  expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['SUBGRAPH_UNAVAILABLE']);
  expect(double.delivered).toHaveLength(attempts);
});

it('a query gets over a subgraph that drops the connection once', async () => {
  await warmUp();
  let dropped = false;
  double.answer((request, response) => {
    if (dropped) return answer(request, response);
    dropped = true;
    return drop(request);
  });
  expect((await send(QUERY)).data).toEqual({ task: null });
  expect(double.delivered).toHaveLength(2);
});

it('a subgraph sees the caller as the gateway tells, and nothing of what a client makes up', async () => {
  double.answer(answer);
  await send(QUERY, {
    'x-identity': 'made up',
    'dapr-caller-app-id': 'made-up',
    'dapr-api-token': 'made up',
    'x-forwarded-for': '192.0.2.1',
    forwarded: 'for=192.0.2.1',
    'x-real-ip': '192.0.2.1',
    cookie: 'made=up',
    'x-own': 'made up',
  });
  const { headers } = double.delivered[0] as (typeof double.delivered)[0];
  expect(headers['dapr-caller-app-id']).toBe('api-gateway');
  expect(JSON.stringify(headers)).not.toMatch(/made.?up|192\.0\.2\.1/);
  expect(headers).not.toHaveProperty('authorization');
});
