import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { total } from './testing/metrics.ts';

const stages: TestGateway[] = [];
const start = async (settings: Record<string, string>): Promise<TestGateway> => {
  const stage = await startTestGateway(settings);
  stages.push(stage);
  return stage;
};
afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.stop()));
});

const SUBSCRIPTION = 'subscription { announced { id } }';

type Message = { id?: string; type: string; payload?: unknown };
type Client = { socket: WebSocket; send: (message: Message) => void; got: Message[] };

const dial = ({ gateway }: TestGateway, headers: Record<string, string> = {}): WebSocket =>
  new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });

/** A WebSocket that has said who it is. */
async function open(stage: TestGateway, sub = 'ada'): Promise<Client> {
  const socket = dial(stage);
  await once(socket, 'open');
  const got: Message[] = [];
  socket.on('message', (data: Buffer) => got.push(JSON.parse(data.toString()) as Message));
  const send = (message: Message): void => socket.send(JSON.stringify(message));
  send({ type: 'connection_init', payload: { token: await stage.issuer.token({ sub }) } });
  await once(socket, 'message');
  return { socket, send, got };
}

const subscribe = ({ send }: Client, id: string, query = SUBSCRIPTION): void =>
  send({ id, type: 'subscribe', payload: { query } });
const refusal = async ({ got }: Client, id: string, code: string): Promise<void> => {
  await eventually(() => got.some((message) => message.id === id));
  expect(got.find((message) => message.id === id)).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code } }],
  });
};
/** Waits until so many subscriptions are open. */
const subscribers = (stage: TestGateway, count: number): Promise<void> =>
  eventually(async () => (await total(stage.context.metrics.subscribers)) === count);

async function overEvents(stage: TestGateway, sub = 'ada'): Promise<{ response: Response; leave: () => void }> {
  const gone = new AbortController();
  const response = await fetch(`${stage.gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${await stage.issuer.token({ sub })}`,
    },
    body: JSON.stringify({ query: SUBSCRIPTION }),
    signal: gone.signal,
  });
  return { response, leave: () => gone.abort() };
}

test('an identifier that is used again at once leaves no stream behind', async () => {
  const stage = await start({});
  const client = await open(stage);
  subscribe(client, 'a');
  client.send({ id: 'a', type: 'complete' });
  subscribe(client, 'a');
  await refusal(client, 'a', 'BAD_REQUEST');
  subscribe(client, 'b');
  await subscribers(stage, 1);
  subscribe(client, 'a');
  await subscribers(stage, 2);
  client.socket.terminate();
  await subscribers(stage, 0);
  expect(client.got.filter(({ type }) => type === 'error')).toHaveLength(1);
});

describe('one more than is allowed is refused, and what ends makes room', () => {
  test('operations on a WebSocket', async () => {
    const stage = await start({ MAX_OPERATIONS_PER_SOCKET: '2' });
    const client = await open(stage);
    for (const id of ['a', 'b', 'c']) subscribe(client, id);
    await refusal(client, 'c', 'TOO_MANY_OPERATIONS');
    await subscribers(stage, 2);
    client.send({ id: 'a', type: 'complete' });
    subscribe(client, 'q', '{ me { id } }');
    await eventually(() => client.got.some(({ id, type }) => id === 'q' && type === 'complete'));
    subscribe(client, 'd');
    await subscribers(stage, 2);
    // Another connection has its own.
    subscribe(await open(stage), 'a');
    await subscribers(stage, 3);
    expect(client.got.some(({ id }) => id === 'd')).toBe(false);
  });

  test('subscriptions of a user, over all transports and connections', async () => {
    const stage = await start({ MAX_STREAMS_PER_USER: '2' });
    const one = await open(stage);
    subscribe(one, 'a');
    await subscribers(stage, 1);
    const events = await overEvents(stage);
    await subscribers(stage, 2);

    const two = await open(stage);
    subscribe(two, 'b');
    await refusal(two, 'b', 'TOO_MANY_SUBSCRIPTIONS');
    expect(await (await overEvents(stage)).response.text()).toContain('TOO_MANY_SUBSCRIPTIONS');
    await overEvents(stage, 'ben');
    await subscribers(stage, 3);

    events.leave();
    await subscribers(stage, 2);
    subscribe(two, 'c');
    await subscribers(stage, 3);
    one.socket.terminate();
    await subscribers(stage, 2);
    subscribe(two, 'd');
    await subscribers(stage, 3);
    two.send({ id: 'c', type: 'complete' });
    await subscribers(stage, 2);
    subscribe(two, 'e');
    await subscribers(stage, 3);
  });

  test('subscriptions that are refused take no place', async () => {
    const stage = await start({ MAX_STREAMS_PER_USER: '2', MAX_SUBSCRIPTIONS: '1' });
    const client = await open(stage);
    subscribe(client, 'a');
    await subscribers(stage, 1);
    for (const id of ['b', 'c', 'd']) {
      subscribe(client, id);
      await refusal(client, id, 'TOO_MANY_SUBSCRIPTIONS');
    }
    client.send({ id: 'a', type: 'complete' });
    await subscribers(stage, 0);
    subscribe(client, 'e');
    await subscribers(stage, 1);
    expect(client.got.some(({ id }) => id === 'e')).toBe(false);
  });

  test('WebSockets of an address', async () => {
    const stage = await start({ MAX_CONNECTIONS_PER_ADDRESS: '2', TRUSTED_PROXIES: 'loopback' });
    const from = async (address: string): Promise<WebSocket | number> => {
      const socket = dial(stage, { 'x-forwarded-for': address });
      socket.on('error', () => {}); // the refusal is told by its status
      const refused = once(socket, 'unexpected-response').then(([request, response]) => {
        request.destroy();
        return response.statusCode as number;
      });
      return Promise.race([once(socket, 'open').then(() => socket), refused]);
    };
    // A failed handshake is no connection.
    const { port } = new URL(stage.gateway.url);
    const broken = connect(Number(port), '127.0.0.1');
    const upgrade = 'connection: upgrade\r\nupgrade: websocket\r\nx-forwarded-for: 2001:db8::1';
    broken.end(`GET /graphql HTTP/1.1\r\nhost: h\r\n${upgrade}\r\n\r\n`).resume();
    await once(broken, 'close');

    const first = await from('2001:db8::1');
    expect(await from('2001:db8::2')).toBeInstanceOf(WebSocket);
    expect(await from('2001:db8::3')).toBe(429);
    expect(await from('2001:db8:0:1::1')).toBeInstanceOf(WebSocket);
    (first as WebSocket).terminate();
    await eventually(async () => (await from('2001:db8::4')) instanceof WebSocket);
  });
});

test('a WebSocket that does not say in time who it is is closed', async () => {
  const stage = await start({ CONNECTION_INIT_TIMEOUT_MS: '100' });
  const [code] = await once(dial(stage), 'close');
  expect(code).toBe(4408);
});
