import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeIdentity } from '@todo/service/identity';
import { testCaller, testContext } from '../testing/context.ts';
import { startSubgraphClient, type SendToSubgraph } from './client.ts';

let respond: (request: IncomingMessage, response: ServerResponse) => void;
let requests: IncomingMessage[];
let origin: string;
let send: SendToSubgraph;
let close: () => Promise<void>;

beforeEach(async () => {
  requests = [];
  respond = (_request, response) => response.end('{"data":{"ok":true}}');
  const server = createServer((request, response) => {
    requests.push(request);
    request.resume().once('end', () => respond(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = startSubgraphClient(
    testContext({
      DAPR_HTTP_ENDPOINT: origin,
      DAPR_API_TOKEN: 'sidecar-token',
      APP_API_TOKEN: 'app-token',
      TOPIC_PARTITIONS: '1',
      INTERNAL_PORT: '0',
      SUBGRAPH_TIMEOUT_MS: '300',
      MAX_SUBGRAPH_RESPONSE_BYTES: '1000',
    }),
  );
  ({ send } = client);
  close = async () => {
    server.closeAllConnections();
    await client.stop();
    await new Promise((resolve) => server.close(resolve));
  };
});
afterEach(() => close());

const operation = {
  subgraph: 'users',
  kind: 'query' as const,
  query: '{ ok }',
  operationName: undefined,
  variables: {},
};
const failing = (code: string, message: RegExp) =>
  expect.objectContaining({ message: expect.stringMatching(message), extensions: { code, service: 'users' } });
const answer = (status: number, body: string) => {
  respond = (_request, response) => response.writeHead(status).end(body);
};

describe('where a subgraph is', () => {
  test('the sidecar’s origin stands for the own sidecar, which gets the API token', async () => {
    await send(operation, 'http://localhost:3500/v1.0/invoke/users/method/graphql', testCaller());
    expect(requests[0]).toMatchObject({
      url: '/v1.0/invoke/users/method/graphql',
      headers: { 'dapr-api-token': 'sidecar-token' },
    });
  });

  test('any other URL is used as it is, without the token', async () => {
    await send(operation, `${origin}/graphql?a=1`, testCaller());
    expect(requests[0]?.url).toBe('/graphql?a=1');
    expect(requests[0]?.headers).not.toHaveProperty('dapr-api-token');
  });

  test('a subgraph without a server is unavailable', async () => {
    await expect(send(operation, 'pubsub:events', testCaller())).rejects.toEqual(
      failing('SUBGRAPH_UNAVAILABLE', /no server/),
    );
  });
});

test('the identity and the trace go along', async () => {
  const identity = { sub: 'ada', scopes: ['read'], claims: { sub: 'ada' } };
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await send(operation, `${origin}/`, testCaller({ identity, traceparent }));
  await send(operation, `${origin}/`, testCaller());
  expect(decodeIdentity(requests[0]?.headers['x-identity'] as string)).toEqual(identity);
  expect(requests[0]?.headers['traceparent']).toBe(traceparent);
  expect(requests[1]?.headers).not.toHaveProperty('x-identity');
});

test('connections are kept', async () => {
  for (let i = 0; i < 10; i++) await send(operation, `${origin}/`, testCaller());
  // A second one may open while the first is still being freed.
  expect(new Set(requests.map((request) => request.socket)).size).toBeLessThanOrEqual(2);
});

describe('a failure', () => {
  test.each([400, 500])('with a GraphQL body is the subgraph’s to tell, also with status %i', async (status) => {
    answer(status, '{"errors":[{"message":"bad"}]}');
    await expect(send(operation, `${origin}/`, testCaller())).resolves.toEqual({ errors: [{ message: 'bad' }] });
  });

  test.each([
    [500, '{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke"}', 'SUBGRAPH_UNAVAILABLE', /status 500/],
    [502, 'Bad Gateway', 'SUBGRAPH_UNAVAILABLE', /status 502/],
    [200, '<html>', 'SUBGRAPH_UNAVAILABLE', /no GraphQL response/],
    [200, '{"data":"' + 'x'.repeat(2000) + '"}', 'SUBGRAPH_UNAVAILABLE', /too large/],
    [403, '{"errorCode":"PermissionDenied"}', 'FORBIDDEN', /not allowed/],
  ])('with status %i and %.40s', async (status, body, code, message) => {
    answer(status, body);
    await expect(send(operation, `${origin}/`, testCaller())).rejects.toEqual(failing(code, message));
  });

  test('to answer in time', async () => {
    respond = () => {};
    await expect(send(operation, `${origin}/`, testCaller())).rejects.toEqual(
      failing('SUBGRAPH_UNAVAILABLE', /too long/),
    );
  });

  test('to be there', async () => {
    await expect(send(operation, 'http://127.0.0.1:1/', testCaller())).rejects.toEqual(
      failing('SUBGRAPH_UNAVAILABLE', /cannot be reached/),
    );
  });
});

test('when the client goes away, so does the request', async () => {
  const gone = new AbortController();
  const cancelled = new Promise<void>((resolve) => {
    respond = (request) => {
      request.socket.once('close', () => resolve());
      gone.abort();
    };
  });
  await expect(send(operation, `${origin}/`, testCaller({ signal: gone.signal }))).rejects.toThrow(/unavailable/);
  await cancelled;
});
