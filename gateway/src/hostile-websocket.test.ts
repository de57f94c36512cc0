import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { startGateway } from './gateway.ts';
import { testContext } from './testing/context.ts';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { openRawWebSocket } from './testing/raw-websocket.ts';

let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway();
});
afterAll(() => stage.stop());

const seconds = (fromNow: number): number => Math.floor(Date.now() / 1000) + fromNow;
const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

test('whoever goes on sending on a connection that was closed is not heard', async () => {
  const raw = await openRawWebSocket(stage.gateway.url);
  raw.send({ type: 'connection_init', payload: { token: await stage.issuer.token({ exp: seconds(4) }) } });
  await eventually(() => raw.got('the access token has expired'));
  stage.received.length = 0;
  raw.send({ id: '1', type: 'subscribe', payload: { query: 'mutation { rename(id: "u1", name: "x") { id } }' } });
  // Another's operation comes after it.
  await stage.query('{ me { id } }');
  await eventually(() => stage.received.length > 0);
  expect(stage.received.map(({ query }) => query).filter((query) => query.includes('rename'))).toEqual([]);
  raw.socket.destroy();
});

test('one that leaves while its token is verified leaves no timer behind', async () => {
  const fresh = await startTestGateway();
  const webSockets = async () => (await fresh.context.metrics.webSockets.get()).values[0]?.value;
  const leave = async (): Promise<void> => {
    const token = await fresh.issuer.token({ exp: seconds(3600) });
    const socket = new WebSocket(`${fresh.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { token } }));
    await eventually(() => fresh.issuer.fetched() === 1);
    socket.terminate();
    await eventually(async () => (await webSockets()) === 0);
  };
  const release = fresh.issuer.hold();
  const before = timers();
  for (let i = 0; i < 20; i++) await leave();
  release();
  // Its token is verified after theirs.
  expect((await fresh.query('{ me { id } }')).status).toBe(200);
  expect(timers() - before).toBeLessThan(10);
  await fresh.stop();
});

describe('a replica that stops', () => {
  test('does not wait for a client that reads nothing', async () => {
    const replica = await startGateway(testContext({ SUPERGRAPH: stage.supergraphFile, SHUTDOWN_GRACE_MS: '500' }));
    const raw = await openRawWebSocket(replica.url);
    raw.send({ type: 'connection_init' });
    await eventually(() => raw.got('connection_ack'));
    raw.socket.pause();
    // Until what is sent stays where it is.
    const flood = setInterval(() => raw.send({ type: 'ping', payload: { x: 'x'.repeat(900_000) } }), 5);
    await eventually(() => raw.socket.writableLength > 0 || raw.socket.bytesWritten > 8_000_000);
    clearInterval(flood);
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { announced { id } }' } });
    const started = performance.now();
    await replica.stop();
    // The library would wait for half a minute.
    expect(performance.now() - started).toBeLessThan(20_000);
    raw.socket.destroy();
  });

  test('lets an operation that is under way over a WebSocket finish, and has its streams go on elsewhere', async () => {
    const replica = await startGateway(testContext({ SUPERGRAPH: stage.supergraphFile }));
    const socket = new WebSocket(`${replica.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const got: { id?: string; type: string; payload?: unknown }[] = [];
    socket.on('message', (data: Buffer) => got.push(JSON.parse(data.toString()) as { type: string }));
    const closed = once(socket, 'close');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await eventually(() => got.length === 1);
    stage.received.length = 0;
    const subscribe = (id: string, query: string): void =>
      socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }));
    subscribe('stream', 'subscription { announced { id } }');
    subscribe('slow', '{ slow }');
    await eventually(() => stage.received.some(({ query }) => query.includes('slow')));
    await replica.stop();
    expect((await closed)[0]).toBe(1001);
    expect(got.filter(({ id }) => id === 'slow')).toEqual([
      { id: 'slow', type: 'next', payload: { data: { slow: 'at last' } } },
      { id: 'slow', type: 'complete' },
    ]);
    expect(got.filter(({ id }) => id === 'stream')).toEqual([]);
    expect(got.at(-1)).toEqual({ type: 'ping', payload: { cursors: { stream: expect.any(String) } } });
  });
});
