import { once } from 'node:events';
import { connect } from 'node:net';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient, type Client } from 'graphql-ws';
import { parse } from 'graphql';
import WebSocket from 'ws';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { total } from './testing/metrics.ts';

let stage: TestGateway;
const clients: (() => void | Promise<void>)[] = [];
beforeEach(async () => {
  stage = await startTestGateway({ MAX_QUEUED_EVENTS: '20', MAX_SUBSCRIPTIONS: '4', CORS_ORIGINS: 'https://app.test' });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((dispose) => dispose()));
  await stage.stop();
});

type Result = { data?: unknown; errors?: readonly { message: string; extensions?: unknown }[] };
type Streaming = (query: string, sub?: string) => Promise<AsyncIterableIterator<Result>>;

const wsUrl = () => `${stage.gateway.url.replace('http', 'ws')}/graphql`;
const wsClient = (connectionParams: Record<string, unknown>, origin?: string): Client => {
  class FromOrigin extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, protocols, origin === undefined ? {} : { origin });
    }
  }
  const client = createWsClient({ url: wsUrl(), webSocketImpl: FromOrigin, connectionParams, retryAttempts: 0 });
  clients.push(() => client.dispose());
  return client;
};
const overWebSocket: Streaming = async (query, sub = 'ada') =>
  wsClient({ authorization: `Bearer ${await stage.issuer.token({ sub })}` }).iterate({
    query,
  }) as AsyncIterableIterator<Result>;
const overEvents: Streaming = async (query, sub = 'ada') => {
  const headers = { authorization: `Bearer ${await stage.issuer.token({ sub })}` };
  const client = createSseClient({ url: `${stage.gateway.url}/graphql`, headers, retryAttempts: 0 });
  clients.push(() => client.dispose());
  return client.iterate({ query }) as AsyncIterableIterator<Result>;
};
const overMultipart: Streaming = async (query, sub = 'ada') => {
  const link = new HttpLink({
    uri: `${stage.gateway.url}/graphql`,
    headers: { authorization: `Bearer ${await stage.issuer.token({ sub })}` },
  });
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const taken: ((taking: PromiseWithResolvers<IteratorResult<Result>>) => void)[] = [];
  const waiting: PromiseWithResolvers<IteratorResult<Result>>[] = [];
  const settle = (how: (typeof taken)[0]): void => {
    const taking = waiting.shift();
    if (taking) how(taking);
    else taken.push(how);
  };
  const subscription = ApolloLink.execute(link, { query: parse(query) }, { client }).subscribe({
    next: (value) => settle(({ resolve }) => resolve({ done: false, value: value as Result })),
    error: (error: unknown) => settle(({ reject }) => reject(error)),
    complete: () => settle(({ resolve }) => resolve({ done: true, value: undefined })),
  });
  clients.push(() => subscription.unsubscribe());
  const iterator: AsyncIterableIterator<Result> = {
    next: () => {
      const taking = Promise.withResolvers<IteratorResult<Result>>();
      const how = taken.shift();
      if (how) how(taking);
      else waiting.push(taking);
      return taking.promise;
    },
    return: async () => {
      subscription.unsubscribe();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
};
const subscribers = () => total(stage.context.metrics.subscribers);

const ANNOUNCED = 'subscription { announced { id text } }';

/** A subscription whose client can stop reading, or break off. */
type Raw = { pause: () => void; destroy: () => void };
async function rawWebSocket(): Promise<Raw> {
  const socket = new WebSocket(wsUrl(), 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { token: await stage.issuer.token() } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: ANNOUNCED } }));
  return { pause: () => socket.pause(), destroy: () => socket.terminate() };
}
async function rawEvents(): Promise<Raw> {
  const { port, host } = new URL(stage.gateway.url);
  const socket = connect(Number(port), '127.0.0.1');
  const lines = [
    `GET /graphql?${new URLSearchParams({ query: ANNOUNCED })} HTTP/1.1`,
    `host: ${host}`,
    'accept: text/event-stream',
    `authorization: Bearer ${await stage.issuer.token()}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data');
  return { pause: () => void socket.pause(), destroy: () => void socket.destroy() };
}

/** Starts a subscription and waits until it is open. */
async function subscribe(streaming: Streaming, query: string, sub?: string) {
  const open = (await subscribers()) ?? 0;
  const results = await streaming(query, sub);
  const first = results.next();
  await eventually(async () => (await subscribers()) === open + 1);
  return { results, first };
}

const review = (id: string, data: Record<string, unknown> = {}) => ({
  id,
  type: 'review.added.v1',
  subject: 'u1',
  time: '2026-01-02T03:04:05Z',
  data: { seller: 'ada', stars: 5, review: { id: 'r1' }, ...data },
});
const done = { done: true, value: undefined };
const answer = (data: unknown) => ({ done: false, value: { data } });
const value = (data: unknown) => ({ done: false, value: { data, extensions: { cursor: expect.any(String) } } });

describe.each<[string, Streaming]>([
  ['WebSocket', overWebSocket],
  ['server-sent events', overEvents],
  ['multipart, as Apollo Client takes it', overMultipart],
])('over %s', (_name, streaming) => {
  test('an event becomes a result with fields of several subgraphs, fetched with the subscriber’s identity', async () => {
    const { results, first } = await subscribe(
      streaming,
      'subscription { r: reviewed { __typename id kind: type at subject stars user { id name reviews { stars } } review { product { title } } } }',
    );
    stage.received.length = 0;
    expect(await stage.sidecar.deliver('review.added', review('e1'))).toEqual({
      status: 200,
      body: { status: 'SUCCESS' },
    });
    expect(await first).toEqual(
      value({
        r: {
          __typename: 'Reviewed',
          id: 'e1',
          kind: 'review.added.v1',
          at: '2026-01-02T03:04:05Z',
          subject: 'u1',
          stars: 5,
          user: { id: 'u1', name: 'Ada', reviews: [{ stars: 5 }] },
          review: { product: { title: 'Graphs' } },
        },
      }),
    );
    expect(stage.received.length).toBeGreaterThan(2);
    expect(stage.received.every(({ headers }) => headers['x-identity'])).toBe(true);
    await results.return?.();
    await eventually(async () => (await subscribers()) === 0);
  });

  test('events come in order, each once, and only to those whom the filter lets see them', async () => {
    const mine = await subscribe(streaming, 'subscription { reviewed { id } }');
    const fives = await subscribe(streaming, 'subscription { reviewed(stars: 5) { id } }');
    const others = await subscribe(streaming, 'subscription { reviewed { id } }', 'ben');
    for (const [id, data] of [
      ['e1', { stars: 1 }],
      ['e2', {}],
      ['e2', {}],
      ['e3', { seller: 'ben' }],
      ['e4', { seller: undefined }],
    ] as const)
      await stage.sidecar.deliver('review.changed', review(id, data));
    expect([await mine.first, await mine.results.next()]).toEqual([
      value({ reviewed: { id: 'e1' } }),
      value({ reviewed: { id: 'e2' } }),
    ]);
    expect(await fives.first).toEqual(value({ reviewed: { id: 'e2' } }));
    expect(await others.first).toEqual(value({ reviewed: { id: 'e3' } }));
    const dropped = (await stage.context.metrics.eventsDropped.get()).values;
    expect(dropped).toContainEqual(expect.objectContaining({ labels: { reason: 'duplicate' }, value: 1 }));
    expect(dropped).toContainEqual(expect.objectContaining({ labels: { reason: 'filter_failed' }, value: 3 }));
  });

  test('queries and mutations are answered too', async () => {
    const results = await streaming('mutation { rename(id: "u1", name: "x") { name } }');
    expect([await results.next(), await results.next()]).toEqual([answer({ rename: { name: 'x' } }), done]);
  });

  test('a stopping gateway breaks the stream off, so that clients connect again', async () => {
    const { first } = await subscribe(streaming, 'subscription { announced { id } }');
    const ended = first.then(
      // To Apollo Client it is a result that says so: an error of the protocol.
      ({ done: isOver }) => (isOver ? 'over' : 'broken off'),
      (error: { code?: number }) => error.code ?? 'broken off',
    );
    await stage.gateway.stop();
    expect(await ended).toBe(streaming === overWebSocket ? 1001 : 'broken off');
  });
});

describe.each([
  ['WebSocket', rawWebSocket],
  ['event stream', rawEvents],
])('a client', (name, open) => {
  test(`that stops reading its ${name} loses its subscription, not the gateway its memory`, async () => {
    const client = await open();
    await eventually(async () => (await subscribers()) === 1);
    client.pause();
    const data = { text: 'x'.repeat(100_000) };
    for (let sent = 0; (await subscribers()) === 1 && sent < 2000; sent++)
      await stage.sidecar.deliver('announced', { id: `e${sent}`, type: 'announced', data });
    expect(await subscribers()).toBe(0);
    expect((await stage.context.metrics.eventsDropped.get()).values).toContainEqual(
      expect.objectContaining({ labels: { reason: 'slow_consumer' }, value: 1 }),
    );
    client.destroy();
  });

  test(`that breaks off its ${name} frees its subscription`, async () => {
    const client = await open();
    await eventually(async () => (await subscribers()) === 1);
    client.destroy();
    await eventually(async () => (await subscribers()) === 0);
    expect(await subscribers()).toBe(0);
  });
});

test('an entity that is gone is null; its stub is not', async () => {
  const { results, first } = await subscribe(
    overEvents,
    'subscription { reviewed { user { id } gone: user { name } } }',
  );
  await stage.sidecar.deliver('review.added', { ...review('e1'), subject: 'nobody' });
  expect(await first).toMatchObject({ value: { data: { reviewed: { user: { id: 'nobody' }, gone: null } } } });
  await results.return?.();
});

const sse = (headers: Record<string, string>, query = 'subscription { announced { id } }') =>
  fetch(`${stage.gateway.url}/graphql`, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
const bearer = async () => ({ authorization: `Bearer ${await stage.issuer.token()}` });
const closeCode = (client: Client) =>
  new Promise((resolve) => {
    client.subscribe(
      { query: '{ me { id } }' },
      {
        next: () => resolve('answered'),
        error: (error) => resolve((error as { code?: number }).code),
        complete: () => {},
      },
    );
  });

describe('is refused', () => {
  test('who has no valid token', async () => {
    expect((await sse({})).status).toBe(401);
    expect(await closeCode(wsClient({}))).toBe(4403);
    expect(await closeCode(wsClient({ token: 'nonsense' }))).toBe(4403);
    expect(await closeCode(wsClient({ token: await stage.issuer.token() }))).toBe('answered');
  });

  test('a page of an origin that is not listed', async () => {
    expect((await sse({ ...(await bearer()), origin: 'https://evil.test' })).status).toBe(403);
    const token = await stage.issuer.token();
    expect(await closeCode(wsClient({ token }, 'https://evil.test'))).not.toBe('answered');
    expect(await closeCode(wsClient({ token }, 'https://app.test'))).toBe('answered');
  });

  test('an operation that is not valid, with the reason', async () => {
    const results = await overWebSocket('subscription { nothing }');
    await expect(results.next()).rejects.toEqual([
      expect.objectContaining({ message: expect.stringContaining('nothing') }),
    ]);
    const text = await (await sse(await bearer(), 'subscription { nothing }')).text();
    expect(text).toMatch(/event: next\ndata: \{"errors":\[.*GRAPHQL_VALIDATION_FAILED.*\n\nevent: complete/);
  });

  test('one subscription more than the process holds', async () => {
    for (let i = 0; i < 4; i++) await subscribe(overWebSocket, 'subscription { announced { id } }');
    const results = await overEvents('subscription { announced { id } }');
    expect(await results.next()).toMatchObject({
      value: { errors: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }] },
    });
  });

  test('an event from anyone but the own sidecar', async () => {
    const deliver = (headers: Record<string, string>) =>
      stage.sidecar.deliver('announced', { id: 'e', type: 'a' }, headers);
    expect((await deliver({ 'dapr-api-token': 'wrong' })).status).toBe(403);
    expect((await deliver({ 'dapr-caller-app-id': 'someone' })).status).toBe(403);
    expect((await fetch(`${stage.gateway.url}/events/announced`, { method: 'POST' })).status).toBe(404);
  });

  test('what is no event: once, without asking for it again', async () => {
    expect(await stage.sidecar.deliver('announced', { id: '' })).toEqual({ status: 200, body: { status: 'SUCCESS' } });
    expect((await stage.context.metrics.eventsDropped.get()).values).toContainEqual(
      expect.objectContaining({ labels: { reason: 'malformed' }, value: 1 }),
    );
  });
});

test('server-sent events come by GET as well, which changes nothing', async () => {
  const get = async (query: string) => {
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${await stage.issuer.token()}` };
    const response = await fetch(`${stage.gateway.url}/graphql?${new URLSearchParams({ query })}`, { headers });
    return response.text();
  };
  expect(await get('{ me { name } }')).toContain(
    'event: next\ndata: {"data":{"me":{"name":"Ada"}}}\n\nevent: complete',
  );
  stage.received.length = 0;
  expect(await get('mutation { rename(id: "u1", name: "x") { id } }')).toContain('BAD_REQUEST');
  expect(stage.received).toEqual([]);
});
