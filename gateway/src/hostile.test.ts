import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import WebSocket from 'ws';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { total } from './testing/metrics.ts';
import { APP_TOKEN } from './testing/sidecar.ts';

let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway();
});
afterAll(() => stage.stop());

async function upgrade(path: string, headers: string[] = []): Promise<Socket> {
  const { port, host } = new URL(stage.gateway.url);
  const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  const lines = ['connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13', ...headers];
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('\r\n')}\r\n\r\n`);
  return socket;
}

const doubling = (levels: number): string =>
  Array.from({ length: levels }, (_, i) => `fragment F${i} on User { ...F${i + 1} ...F${i + 1} }`).join(' ');

const deliver = async (body: string, contentType = 'application/cloudevents+json') => {
  const response = await fetch(`${stage.gateway.internalUrl}/events/announced`, {
    method: 'POST',
    headers: { 'content-type': contentType, 'dapr-api-token': APP_TOKEN, __partition: '7', __offset: '0' },
    body,
  });
  return [response.status, await response.json()];
};

/** What Dapr makes of a record that it is to pass on as it is. */
const wrap = (payload: string): string =>
  JSON.stringify({
    specversion: '1.0',
    id: '5929aaac-a5e2-4ca1-859c-edfe73f11565',
    source: 'Dapr',
    type: 'com.dapr.event.sent',
    datacontenttype: 'application/octet-stream',
    data_base64: Buffer.from(payload).toString('base64'),
  });

/** How many events of that topic were received. */
const announced = async (): Promise<number> => {
  const { values } = await stage.context.metrics.eventsReceived.get();
  return values.find(({ labels }) => labels['topic'] === 'announced')?.value ?? 0;
};

describe('a refused upgrade', () => {
  test.each([
    ['of another path', '/nope', []],
    ['of a foreign page', '/graphql', ['origin: https://evil.test']],
  ])('%s that is reset does not end the process', async (_what, path, headers) => {
    for (let i = 0; i < 20; i++) (await upgrade(path, headers)).resetAndDestroy();
    expect((await fetch(`${stage.gateway.url}/healthz`)).status).toBe(200);
  });

  test.each([
    ['of another path', '/nope', [], 404, 'NOT_FOUND'],
    ['of a foreign page', '/graphql', ['origin: https://evil.test'], 403, 'FORBIDDEN'],
  ])('%s is told why, in the form of all errors', async (_what, path, headers, status, code) => {
    const socket = await upgrade(path, headers);
    let got = '';
    socket.on('data', (data: Buffer) => (got += data.toString()));
    await once(socket, 'end');
    socket.destroy();
    const [head = '', body = ''] = got.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*connection: close`));
    expect(JSON.parse(body)).toEqual({ errors: [{ message: expect.any(String), extensions: { code } }] });
  });

  test('holds no socket, though the client never closes its side', async () => {
    const socket = await upgrade('/nope');
    socket.resume();
    await once(socket, 'end');
    // What the client still sends finds nobody: the gateway has let go of the socket altogether.
    const gone = new Promise((resolve) => socket.once('error', resolve).once('close', resolve));
    const writing = setInterval(() => socket.write('x'), 10);
    await gone;
    clearInterval(writing);
    socket.destroy();
    expect(socket.destroyed).toBe(true);
  });
});

describe('fragments that spread fragments', () => {
  test('many times over are refused before they are planned', async () => {
    const { status, body } = await stage.query(`{ me { ...F0 } } ${doubling(60)} fragment F60 on User { id }`);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toMatch(/selects more than 10000 fields/);
  });

  test('a few times over are answered', async () => {
    const { body } = await stage.query(`{ me { ...F0 } } ${doubling(8)} fragment F8 on User { name }`);
    expect(body).toEqual({ data: { me: { name: 'Ada' } } });
  });
});

const at = (offset: number) => ({ __partition: '1', __offset: String(offset) });

describe('an event that nobody can read', () => {
  test.each([
    ['empty', ''],
    ['no JSON', '{"id":'],
    ['wrapped, and no JSON', wrap('{"id":')],
    ['too large', `"${'x'.repeat(9 * 1024 * 1024)}"`],
  ])('is taken once and for all where it is %s: it would hold back its partition', async (_what, body) => {
    expect(await deliver(body)).toEqual([200, { status: 'SUCCESS' }]);
  });

  test('is taken whatever its content type', async () => {
    expect(await deliver('x', 'text/nonsense')).toEqual([200, { status: 'SUCCESS' }]);
  });

  test('does not make what follows it seem to come after a gap', async () => {
    const lost = async () => (await stage.context.metrics.eventsLost.get()).values.length;
    await stage.sidecar.deliver('proclaimed', { id: 'p0', type: 'a' }, at(0));
    await stage.sidecar.deliver('proclaimed', { id: '', type: 'a' }, at(1));
    await stage.sidecar.deliver('proclaimed', { id: 'p2', type: 'a' }, at(2));
    expect(await lost()).toBe(0);
    const received = (await stage.context.metrics.eventsReceived.get()).values;
    expect(received).toContainEqual(expect.objectContaining({ labels: { topic: 'proclaimed' }, value: 2 }));
  });

  test('is an event, where the sidecar has wrapped it', async () => {
    const before = await announced();
    await deliver(wrap(JSON.stringify({ specversion: '1.0', id: 'w1', source: '/s', type: 'a.v1' })));
    expect(await announced()).toBe(before + 1);
  });

  test('is an event, where it only has names that a prototype has', async () => {
    const event = { specversion: '1.0', id: 'p1', source: '/s', type: 'a.v1' };
    const body = JSON.stringify(event).replace('}', ',"data":{"__proto__":{"text":"x"},"constructor":1}}');
    const before = await announced();
    expect(await deliver(body)).toEqual([200, { status: 'SUCCESS' }]);
    expect(await announced()).toBe(before + 1);
  });
});

test('an operation that fails unexpectedly ends itself, not the connection that it came over', async () => {
  const socket = new WebSocket(`${stage.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  const answers: { id?: string; type: string }[] = [];
  const answered = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      answers.push(JSON.parse(data.toString()) as { type: string });
      if (answers.some(({ id, type }) => id === '2' && type === 'complete')) resolve();
    });
  });
  socket.send(JSON.stringify({ type: 'connection_init', payload: { token: await stage.issuer.token() } }));
  await once(socket, 'message');
  const failure = jest.spyOn(stage.context.metrics.operationCost, 'observe').mockImplementationOnce(() => {
    throw new Error('unexpected');
  });
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ me { id } }' } }));
  await once(socket, 'message');
  failure.mockRestore();
  socket.send(JSON.stringify({ id: '2', type: 'subscribe', payload: { query: '{ me { id } }' } }));
  await answered;
  expect(answers).toContainEqual(expect.objectContaining({ id: '1', type: 'error' }));
  socket.terminate();
});

describe('a client that accepts JSON and event streams', () => {
  const accept = 'application/graphql-response+json, application/json, text/event-stream, multipart/mixed';
  const send = async (query: string): Promise<[string | null, string]> => {
    const gone = new AbortController();
    const response = await fetch(`${stage.gateway.url}/graphql`, {
      method: 'POST',
      headers: { accept, 'content-type': 'application/json', authorization: `Bearer ${await stage.issuer.token()}` },
      body: JSON.stringify({ query }),
      signal: gone.signal,
    });
    const { value } = await (response.body as ReadableStream<Uint8Array>).getReader().read();
    gone.abort();
    return [response.headers.get('content-type'), new TextDecoder().decode(value as Uint8Array)];
  };

  test('gets JSON for a query and a stream for a subscription', async () => {
    expect(await send('{ me { name } }')).toEqual([
      expect.stringMatching(/json/),
      expect.stringMatching(/\{"data":\{"me":\{"name":"Ada"\}\}\}/),
    ]);
    expect((await send('subscription { announced { id } }'))[0]).toMatch(/text\/event-stream/);
  });
});

describe('a stream that fails unexpectedly', () => {
  const SECRET = 'connection refused by 10.0.0.1';
  let broken: TestGateway;
  beforeAll(async () => {
    broken = await startTestGateway({ AUTH: 'off' });
    broken.context.metrics.deliverySeconds.observe = () => {
      throw new Error(SECRET);
    };
  });
  afterAll(() => broken.stop());

  const subscribers = (): Promise<void> =>
    eventually(async () => (await total(broken.context.metrics.subscribers)) === 1);
  const masked = {
    message: 'Internal server error',
    extensions: expect.objectContaining({ code: 'INTERNAL_SERVER_ERROR', traceId: expect.any(String) }),
  };

  test('says so over a WebSocket, and not why', async () => {
    const socket = new WebSocket(`${broken.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const got: string[] = [];
    socket.on('message', (data: Buffer) => got.push(data.toString()));
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await eventually(() => got.length === 1);
    socket.send(
      JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'subscription { announced { id } }' } }),
    );
    await subscribers();
    await broken.sidecar.deliver('announced', { id: 'f1', type: 'a', data: { text: 'x' } });
    await eventually(() => got.some((message) => message.includes('"complete"')));
    expect(JSON.parse(got[1] as string)).toMatchObject({ id: '1', type: 'next', payload: { errors: [masked] } });
    expect(got.join()).not.toContain(SECRET);
    socket.terminate();
  });

  test('says so over an event stream, and not why', async () => {
    const response = await fetch(`${broken.gateway.url}/graphql`, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'subscription { announced { id } }' }),
    });
    await subscribers();
    await broken.sidecar.deliver('announced', { id: 'f2', type: 'a', data: { text: 'x' } });
    const text = await response.text();
    expect(JSON.parse(/^data: (\{.*)$/m.exec(text)?.[1] ?? text)).toMatchObject({ errors: [masked] });
    expect(text).not.toContain(SECRET);
  });
});
