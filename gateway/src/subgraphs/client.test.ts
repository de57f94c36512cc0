import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeIdentity } from '@todo/service/identity';
import { testCaller, testContext } from '../testing/context.ts';
import { drop, startTestServer, type TestServer } from '../testing/server.ts';
import { startSubgraphClient, type SubgraphClient } from './client.ts';

let server: TestServer;
let client: SubgraphClient;

beforeEach(async () => {
  server = await startTestServer();
  client = startSubgraphClient(
    testContext({
      DAPR_HTTP_ENDPOINT: server.origin,
      DAPR_API_TOKEN: 'sidecar-token',
      APP_API_TOKEN: 'app-token',
      TOPIC_PARTITIONS: '1',
      INTERNAL_PORT: '0',
      SUBGRAPH_TIMEOUT_MS: '5000',
      SUBGRAPH_RETRIES: '0',
      MAX_SUBGRAPH_RESPONSE_BYTES: '1000',
      MAX_SUBGRAPH_HEADER_BYTES: '2000',
    }),
  );
});
afterEach(async () => {
  await server.stop();
  await client.stop();
});

const operation = {
  subgraph: 'users',
  kind: 'query' as const,
  body: '{"query":"{ ok }"}',
};
const send = (caller = testCaller(), url = `${server.origin}/`) => client.send(operation, url, caller);
const failing = (code: string, message: RegExp) =>
  expect.objectContaining({
    message: expect.stringMatching(message),
    extensions: { code, service: 'users', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) },
  });

const sockets = () => new Set(server.requests.map((request) => request.socket));
/** As daprd says it. */
const invoke = (why: string) => `{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke, id: u, err: ${why}"}`;

describe('where a subgraph is', () => {
  test('the sidecar’s origin stands for the own sidecar, which gets the API token', async () => {
    await send(testCaller(), 'http://localhost:3500/v1.0/invoke/users/method/graphql');
    expect(server.requests[0]).toMatchObject({
      url: '/v1.0/invoke/users/method/graphql',
      headers: { 'dapr-api-token': 'sidecar-token' },
    });
  });

  test('any other URL is used as it is, without the token', async () => {
    await send(testCaller(), `${server.origin}/graphql?a=1`);
    expect(server.requests[0]?.url).toBe('/graphql?a=1');
    expect(server.requests[0]?.headers).not.toHaveProperty('dapr-api-token');
  });

  test('a subgraph without a server is unavailable', async () => {
    await expect(send(testCaller(), 'pubsub:events')).rejects.toMatchObject({
      message: expect.stringMatching(/no server/),
      extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'users' },
    });
  });
});

describe('headers', () => {
  test('the identity, the trace and what was picked of the client’s headers go along, and nothing else', async () => {
    const identity = { sub: 'ada', scopes: ['read'], claims: { sub: 'ada' } };
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await send(testCaller({ identity, traceparent, headers: { 'accept-language': 'de', 'x-latin': 'é' } }));
    await send();
    const { headers } = server.requests[0] as IncomingMessage;
    expect(decodeIdentity(headers['x-identity'] as string)).toEqual(identity);
    expect(headers).toEqual({
      host: expect.any(String),
      connection: 'keep-alive',
      'content-type': 'application/json',
      'content-length': expect.any(String),
      accept: 'application/json',
      'accept-language': 'de',
      'x-latin': 'é',
      'x-identity': expect.any(String),
      traceparent,
    });
    expect(server.requests[1]?.headers).not.toHaveProperty('x-identity');
  });

  test('that are too large are refused before they are sent, and the client is told what to do', async () => {
    const identity = { sub: 'ada', scopes: [], claims: { groups: 'x'.repeat(1500) } };
    await expect(send(testCaller({ identity }))).rejects.toMatchObject({
      message: expect.stringMatching(/take \d+ bytes, more than the 2000 .* fewer claims/),
      extensions: { code: 'BAD_REQUEST' },
    });
    expect(server.requests).toEqual([]);
  });
});

describe('connections', () => {
  test('are kept, and carry one request at a time', async () => {
    for (let i = 0; i < 10; i++) await send();
    // A second one may open while the first is still being freed.
    expect(sockets().size).toBeLessThanOrEqual(2);
    server.requests.length = 0;
    await Promise.all(Array.from({ length: 5 }, (_, i) => send(testCaller({ headers: { 'x-n': String(i) } }))));
    expect(sockets().size).toBe(5);
  });

  test('that a restarted server has reset are replaced unseen', async () => {
    await send();
    await server.stop();
    await server.start();
    await expect(send()).resolves.toEqual({ data: { ok: true } });
  });
});

describe('a failure', () => {
  test.each([400, 500, 503])('with a GraphQL body is the subgraph’s to tell, also with status %i', async (status) => {
    server.answer([status, '{"errors":[{"message":"bad"}]}']);
    await expect(send()).resolves.toEqual({ errors: [{ message: 'bad' }] });
  });

  test.each([
    // Answers of daprd 1.18, as seen.
    [500, invoke('dial tcp 127.0.0.1:4040: connect: connection refused'), 'SUBGRAPH_UNAVAILABLE', /cannot be reached$/],
    [500, invoke('context deadline exceeded'), 'SUBGRAPH_UNAVAILABLE', /too long$/],
    [403, invoke('rpc error: code = PermissionDenied'), 'FORBIDDEN', /not allowed to call it$/],
    [401, 'invalid api token', 'SUBGRAPH_UNAVAILABLE', /not take the request$/],
    [431, '{"error":"Request Header Fields Too Large"}', 'SUBGRAPH_UNAVAILABLE', /not take the request$/],
    [500, 'oops', 'SUBGRAPH_UNAVAILABLE', /no GraphQL response$/],
    [502, 'Bad Gateway', 'SUBGRAPH_UNAVAILABLE', /cannot be reached$/],
    [200, '<html>', 'SUBGRAPH_UNAVAILABLE', /no GraphQL response$/],
    [200, '{"data":"' + 'x'.repeat(2000) + '"}', 'SUBGRAPH_UNAVAILABLE', /too large$/],
  ])('with status %i and %.40s tells no address and nothing of the sidecar’s', async (status, body, code, message) => {
    server.answer([status, body]);
    await expect(send()).rejects.toEqual(failing(code, message));
  });

  test('to answer in time', async () => {
    server.answer(() => {});
    await expect(send()).rejects.toEqual(failing('SUBGRAPH_UNAVAILABLE', /too long/));
  });

  test('to be there', async () => {
    server.answer(drop);
    await expect(send()).rejects.toEqual(failing('SUBGRAPH_UNAVAILABLE', /cannot be reached/));
    await server.stop();
    await expect(send()).rejects.toEqual(failing('SUBGRAPH_UNAVAILABLE', /cannot be reached/));
  });
});

test('when the client goes away, so does the request', async () => {
  const gone = new AbortController();
  const cancelled = new Promise<void>((resolve) => {
    server.answer((request) => {
      request.socket.once('close', () => resolve());
      gone.abort();
    });
  });
  await expect(send(testCaller({ signal: gone.signal }))).rejects.toThrow(/unavailable/);
  await cancelled;
});
