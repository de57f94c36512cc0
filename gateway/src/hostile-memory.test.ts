import { once } from 'node:events';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { total } from './testing/metrics.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let stage: TestGateway;
beforeAll(async () => {
  const unlimited = { RATE_LIMIT_PER_MINUTE: '0', MAX_STREAMS_PER_USER: '0' };
  stage = await startTestGateway({ ...unlimited, AUTH: 'optional', PLAN_CACHE_BYTES: '4000000' });
});
afterAll(() => stage.stop());

const HEAD = 'POST /graphql HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n';
const MALFORMED = [
  'nonsense\r\n\r\n',
  'GET /graphql HTTP/9.9\r\n\r\n',
  `${HEAD}content-length: -1\r\n\r\n`,
  `${HEAD}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`,
  `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`,
  `${HEAD}content-length: 9999999\r\n\r\n{`,
  `${HEAD}content-length: 4\r\n\r\n{"q"`,
  `${HEAD}cookie: ${'x'.repeat(20_000)}\r\n\r\n`,
  `${HEAD}content-length: 1000\r\n\r\n{"query":`,
];
const MESSAGES = [
  '{',
  '[]',
  '{"type":"subscribe","id":"1","payload":{"query":"{ me { id } }"}}',
  '{"type":"connection_init","payload":{"token":"nonsense"}}',
  `{"type":"ping","payload":{"x":"${'x'.repeat(10_000)}"}}`,
  '{"type":"pong","payload":{"__proto__":{}}}',
];

async function sendBytes(bytes: string): Promise<void> {
  const socket = connect(Number(new URL(stage.gateway.url).port), '127.0.0.1');
  socket.on('error', () => {}); // the gateway may break it off
  socket.write(bytes);
  // Whatever is answered, or nothing, for what is not complete.
  await Promise.race([once(socket, 'data'), once(socket, 'close'), new Promise((resolve) => setTimeout(resolve, 50))]);
  socket.destroy();
}

async function sendMessages(messages: string[]): Promise<void> {
  const socket = new WebSocket(`${stage.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  socket.on('error', () => {}); // as above
  await once(socket, 'open');
  for (const message of messages) socket.send(message);
  socket.send(Buffer.from([0, 255]));
  await Promise.race([once(socket, 'close'), once(socket, 'message')]);
  socket.terminate();
}

async function openStream(accept: string): Promise<void> {
  const gone = new AbortController();
  const body = JSON.stringify({ query: 'subscription { announced { id } }' });
  const headers = { accept, 'content-type': 'application/json' };
  const response = await fetch(`${stage.gateway.url}/graphql`, { method: 'POST', headers, body, signal: gone.signal });
  expect(response.status).toBe(200);
  gone.abort();
}

let sent = 0;
const query = (text: string): Promise<unknown> => stage.query(text, {});
async function round(): Promise<void> {
  await Promise.all([
    ...MALFORMED.map(sendBytes),
    ...MESSAGES.map((message) => sendMessages([message])),
    sendMessages([
      '{"type":"connection_init"}',
      '{"type":"subscribe","id":"1","payload":{"query":"subscription { announced { id } }"}}',
    ]),
    openStream('text/event-stream'),
    openStream('multipart/mixed;subscriptionSpec=1.0,application/json'),
    query(`{ me { a${sent++}: id } } #${'x'.repeat(200_000)}`),
    query(`{ nothing${sent++} } #${'x'.repeat(200_000)}`),
    query(`query Q${sent++} { users { id name } }`),
    stage.query('{ me { id } }', { authorization: `Bearer nonsense${sent++}` }),
  ]);
}

async function heapAfter(rounds: number): Promise<number> {
  for (let i = 0; i < rounds; i++) await round();
  const { webSockets, subscribers } = stage.context.metrics;
  await eventually(async () => (await total(webSockets)) === 0 && (await total(subscribers)) === 0);
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test('hostile clients do not make the heap grow, and others are answered', async () => {
  const before = await heapAfter(20); // caches are full then
  const after = await heapAfter(40);
  expect((after - before) / 1e6).toBeLessThan(8);
  expect((await stage.query('{ me { id } }')).status).toBe(200);
});
