import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { startTestGateway, type TestGateway } from './testing/gateway.ts';

let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway({ MAX_BATCH_SIZE: '5' });
});
afterAll(() => stage.stop());
beforeEach(() => {
  stage.received.length = 0;
});

const RENAME =
  'mutation { one: rename(id: "u1", name: "A") { name reviews { id } } two: rename(id: "u2", name: "B") { name } }';
const post = async (body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(`${stage.gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await stage.issuer.token()}`,
      ...headers,
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as any };
};
const keys = () =>
  stage.received.filter(({ query }) => query.startsWith('mutation')).map(({ headers }) => headers['idempotency-key']);

describe('a mutation carries an idempotency key', () => {
  test('of the gateway’s, for each operation another, and only to where it changes something', async () => {
    expect((await post({ query: RENAME })).body.errors).toBeUndefined();
    await post({ query: RENAME });
    const [first, second] = keys();
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toMatch(/^[0-9a-f-]{36}$/);
    expect(first).not.toBe(second);
    const queries = stage.received.filter(({ query }) => !query.startsWith('mutation'));
    expect(queries.length).toBeGreaterThan(0);
    for (const { headers } of queries) expect(headers).not.toHaveProperty('idempotency-key');
  });

  test('of the client’s, from the header or the extensions, which win', async () => {
    await post({ query: RENAME }, { 'idempotency-key': 'a"key~!' });
    await post({ query: RENAME, extensions: { idempotencyKey: 'mine' } });
    await post({ query: RENAME, extensions: { idempotencyKey: 'mine' } }, { 'idempotency-key': 'header' });
    expect(keys()).toEqual(['a"key~!', 'mine', 'mine']);
  });

  test('that tells fields apart together with their response keys, which subgraphs get as they are', async () => {
    await post({ query: RENAME }, { 'idempotency-key': 'k' });
    expect(stage.received.find(({ query }) => query.startsWith('mutation'))?.query).toMatch(/one:rename.*two:rename/s);
  });

  test('of its own for each operation of a batch', async () => {
    const { status } = await post([{ query: RENAME }, { query: RENAME, extensions: { idempotencyKey: 'own' } }], {
      'idempotency-key': 'k',
    });
    expect(status).toBe(200);
    expect(keys().sort()).toEqual(['k.0', 'own']);
  });

  test('over WebSocket, from the extensions', async () => {
    const client = createClient({
      url: stage.gateway.url.replace('http', 'ws') + '/graphql',
      webSocketImpl: WebSocket,
      connectionParams: { token: await stage.issuer.token() },
    });
    await new Promise<void>((resolve, reject) => {
      client.subscribe(
        { query: RENAME, extensions: { idempotencyKey: 'over-ws' } },
        { next: () => {}, error: reject, complete: resolve },
      );
    });
    await client.dispose();
    expect(keys()).toEqual(['over-ws']);
  });

  test('over an event stream, from the header', async () => {
    const response = await fetch(`${stage.gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        'idempotency-key': 'over-sse',
        authorization: `Bearer ${await stage.issuer.token()}`,
      },
      body: JSON.stringify({ query: RENAME }),
    });
    expect(await response.text()).toMatch(/"one":\{"name":"A"/);
    expect(keys()).toEqual(['over-sse']);
  });
});

test.each([
  ['with a space', 'a b'],
  ['too long', 'x'.repeat(256)],
  ['not ASCII', 'schlüssel'],
])('a key that is %s is refused, and nothing is changed', async (_name, key) => {
  const { status, body } = await post({ query: RENAME }, { 'idempotency-key': key });
  expect(status).toBe(400);
  expect(body.errors).toEqual([
    expect.objectContaining({
      message: expect.stringMatching(/1 to 255 visible ASCII/),
      extensions: { code: 'BAD_USER_INPUT' },
    }),
  ]);
  expect(stage.received).toEqual([]);
});

test.each([[''], [5], [{}]])('neither is %j in the extensions one', async (idempotencyKey) => {
  expect((await post({ query: RENAME, extensions: { idempotencyKey } })).status).toBe(400);
});

test('a query needs none', async () => {
  expect((await post({ query: '{ me { name } }' }, { 'idempotency-key': 'a b' })).status).toBe(200);
});
