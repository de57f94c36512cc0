import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';

let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway({ MAX_BODY_BYTES: '20000' });
});
afterAll(() => stage.stop());

type Message = { id?: string; type: string; payload?: unknown };
type Raw = { socket: WebSocket; send: (message: Message) => void; got: Message[]; closed: Promise<[number, string]> };
const seconds = (fromNow: number): number => Math.floor(Date.now() / 1000) + fromNow;

/** A connection that speaks the protocol by hand. */
async function open(token?: string): Promise<Raw> {
  const socket = new WebSocket(`${stage.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  const got: Message[] = [];
  socket.on('message', (data: Buffer) => got.push(JSON.parse(data.toString()) as Message));
  const closed = once(socket, 'close').then(([code, reason]) => [code, String(reason)] as [number, string]);
  const send = (message: Message): void => socket.send(JSON.stringify(message));
  if (token !== undefined) {
    send({ type: 'connection_init', payload: { token } });
    await once(socket, 'message');
  }
  return { socket, send, got, closed };
}
const answered = (raw: Raw, type: string, id?: string) =>
  eventually(() => raw.got.some((message) => message.type === type && message.id === id));

describe('a token that expires', () => {
  test('closes the connection with 4403, so that clients connect again', async () => {
    const raw = await open(await stage.issuer.token({ exp: seconds(4) }));
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { announced { id } }' } });
    expect(await raw.closed).toEqual([4403, 'the access token has expired']);
    expect(raw.got.filter(({ type }) => type === 'complete')).toEqual([]);
  });

  test('is replaced by one in a ping, which is answered without it', async () => {
    const exp = seconds(4);
    const raw = await open(await stage.issuer.token({ exp }));
    raw.send({ type: 'ping', payload: { token: await stage.issuer.token({ scope: 'more' }) } });
    await answered(raw, 'pong');
    expect(raw.got.at(-1)).toEqual({ type: 'pong' });
    await delay(exp * 1000 + 100 - Date.now()); // what must not happen has no event
    stage.received.length = 0;
    raw.send({ id: '1', type: 'subscribe', payload: { query: '{ me { id } }' } });
    await answered(raw, 'complete', '1');
    const identity = Buffer.from(stage.received[0]?.headers['x-identity'] as string, 'base64url').toString();
    expect(JSON.parse(identity)).toMatchObject({ sub: 'ada', scopes: ['more'] });
    raw.socket.terminate();
  });

  test.each([
    ['another user’s', async () => stage.issuer.token({ sub: 'ben' }), 'the access token is another user’s'],
    ['none at all', async () => 'nonsense', 'the access token is not valid'],
  ])('is not replaced by one that is %s', async (_what, token, reason) => {
    const raw = await open(await stage.issuer.token());
    raw.send({ type: 'ping', payload: { token: await token() } });
    expect(await raw.closed).toEqual([4403, reason]);
  });
});

test('a ping without a token is answered with its payload', async () => {
  const raw = await open(await stage.issuer.token());
  raw.send({ type: 'ping', payload: { sent: 1 } });
  await answered(raw, 'pong');
  expect(raw.got.at(-1)).toEqual({ type: 'pong', payload: { sent: 1 } });
  raw.socket.terminate();
});

test('`complete` ends an operation that is under way, and its fetches', async () => {
  const raw = await open(await stage.issuer.token());
  raw.send({ id: '1', type: 'subscribe', payload: { query: '{ slow }' } });
  await eventually(() => stage.received.some(({ query }) => query.includes('slow')));
  raw.send({ id: '1', type: 'complete' });
  await eventually(async () =>
    (await stage.context.metrics.fetchSeconds.get()).values.some(({ labels }) => labels.outcome === 'cancelled'),
  );
  expect(raw.got.filter(({ id }) => id === '1')).toEqual([]);
  raw.socket.terminate();
});

describe('a client that does not keep to the protocol is closed', () => {
  test.each<[string, (raw: Raw) => void, number]>([
    ['that sends no JSON', ({ socket }) => socket.send('{'), 4400],
    ['that sends a binary frame of nonsense', ({ socket }) => socket.send(Buffer.from([0, 255])), 4400],
    ['that sends what only a server may', ({ send }) => send({ type: 'connection_ack' }), 4400],
    ['that sends an unknown type', ({ send }) => send({ type: 'start' }), 4400],
    [
      'that sends a query of the wrong type',
      ({ send }) => send({ id: '1', type: 'subscribe', payload: { query: 1 } }),
      4400,
    ],
    [
      'that starts before connection_init',
      ({ send }) => send({ id: '1', type: 'subscribe', payload: { query: '{ me { id } }' } }),
      4401,
    ],
    ['that sends too large a message', ({ socket }) => socket.send('x'.repeat(20_001)), 1009],
    [
      'that sends connection_init twice',
      ({ send }) => {
        send({ type: 'connection_init', payload: {} });
        send({ type: 'connection_init', payload: {} });
      },
      4429,
    ],
  ])('%s', async (_what, act, code) => {
    const raw = await open();
    act(raw);
    expect((await raw.closed)[0]).toBe(code);
  });

  test('that uses an identifier twice', async () => {
    const raw = await open(await stage.issuer.token());
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { announced { id } }' } });
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { announced { id } }' } });
    expect((await raw.closed)[0]).toBe(4409);
  });

  test('that breaks its frames', async () => {
    const raw = await open(await stage.issuer.token());
    // A reserved bit is set.
    (raw.socket as unknown as { _socket: { write: (bytes: Buffer) => void } })._socket.write(
      Buffer.from([0xf1, 0x80, 0, 0, 0, 0]),
    );
    expect((await raw.closed)[0]).toBe(1002);
  });

  test('that sends pings and reads none of the pongs', async () => {
    const raw = await open(await stage.issuer.token());
    raw.socket.pause();
    const payload = { x: 'x'.repeat(19_000) };
    const flood = setInterval(() => {
      for (let i = 0; i < 50 && raw.socket.readyState === WebSocket.OPEN; i++) raw.send({ type: 'ping', payload });
    }, 5);
    await eventually(async () => (await sockets()) === 0);
    clearInterval(flood);
    raw.socket.terminate();
    expect(await sockets()).toBe(0);
  });
});

async function sockets(): Promise<number> {
  return (await stage.context.metrics.webSockets.get()).values[0]?.value ?? 0;
}
