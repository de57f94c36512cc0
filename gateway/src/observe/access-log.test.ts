import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { eventually, startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { transports } from '../testing/transports.ts';

type Line = Record<string, unknown> & { msg: string };

let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway({
    LOG_LEVEL: 'trace',
    AUTH_COOKIE: '__Host-token',
    PROPAGATE_HEADERS: 'X-Tenant',
    MAX_BATCH_SIZE: '3',
    MAX_QUEUED_EVENTS: '5',
  });
  await eventually(async () => (await fetch(`${stage.gateway.url}/readyz`)).status === 200);
});
afterAll(() => stage.stop());
beforeEach(() => void (stage.context.logged.length = 0));

const MESSAGES = new Set(['operation', 'subscription started', 'subscription ended', 'request turned away']);
const lines = (): Line[] =>
  stage.context.logged.map((line) => JSON.parse(line) as Line).filter(({ msg }) => MESSAGES.has(msg));
/** Waits for so many lines. */
const told = async (count: number): Promise<Line[]> => {
  await eventually(() => lines().length >= count);
  expect(lines()).toHaveLength(count);
  return lines();
};
const end = (events: number, reason: string) => ({
  msg: 'subscription ended',
  operation: 'Hear',
  user: 'ada',
  durationMs: expect.any(Number),
  events,
  reason,
});
const bearer = async (claims = {}) => `Bearer ${await stage.issuer.token(claims)}`;
const post = async (body: string, headers: Record<string, string> = {}) =>
  fetch(`${stage.gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: await bearer(), 'user-agent': 'tests/1', ...headers },
    body,
  });
const EVENTS = JSON.stringify({ query: 'subscription Hear { announced { id text } }' });
const announce = (id: string) => stage.sidecar.deliver('announced', { id, type: 'announced', data: { text: id } });
/** Opens a subscription over WebSocket; resolves once it is there. */
async function socketWithStream(claims = {}): Promise<WebSocket> {
  const socket = new WebSocket(`${stage.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    headers: { 'user-agent': 'socket/1' },
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: await bearer(claims) } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: JSON.parse(EVENTS) }));
  await eventually(() => lines().length === 1);
  return socket;
}

test('an operation has a line, with a time in UTC, who it was, and how it went', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await post(JSON.stringify({ query: 'query Me { me { id } fails }' }), { traceparent });
  const [line] = await told(1);
  expect(line).toEqual({
    hostname: expect.any(String),
    pid: process.pid,
    level: 30,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    name: 'test',
    msg: 'operation',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    transport: 'http',
    operation: 'Me',
    type: 'query',
    status: 200,
    outcome: 'errors',
    codes: ['UNLUCKY'],
    durationMs: expect.any(Number),
    user: 'ada',
    address: '127.0.0.1',
    userAgent: 'tests/1',
  });
  expect(line?.['durationMs']).toBeGreaterThan(0);
});

test.each(transports)('over %s there is one line for one operation', async (transport, send) => {
  await send(stage, { query: 'query Me { me { id } }' });
  const label = { HTTP: 'http', 'server-sent events': 'sse', WebSocket: 'ws' }[transport];
  const [line] = await told(1);
  expect(line).toMatchObject({ msg: 'operation', transport: label, operation: 'Me', outcome: 'ok', user: 'ada' });
  expect(line?.['status']).toBe(label === 'http' ? 200 : undefined);
  expect(line).not.toHaveProperty('codes');
});

test('each operation of a batch has its own', async () => {
  await post(
    JSON.stringify([{ query: 'query A { me { id } }' }, { query: 'mutation B { rename(id: 1, name: "x") { id } }' }]),
  );
  expect((await told(2)).map(({ operation, type }) => [operation, type]).toSorted()).toEqual([
    ['A', 'query'],
    ['B', 'mutation'],
  ]);
});

describe('what is refused has a line with its status and code:', () => {
  test.each([
    ['not JSON', '{"query":', {}, 400, 'BAD_REQUEST', 'ada'],
    ['no token', '{"query":"{ me { id } }"}', { authorization: '' }, 401, 'UNAUTHENTICATED', undefined],
    ['no GraphQL', '{"query":7}', {}, 400, 'BAD_REQUEST', 'ada'],
    ['too many in a batch', '[{},{},{},{}]', {}, 400, 'BAD_REQUEST', 'ada'],
    ['invalid', '{"query":"{ nothing }"}', {}, 400, 'GRAPHQL_VALIDATION_FAILED', 'ada'],
    ['not to be parsed', '{"query":"{"}', {}, 400, 'GRAPHQL_PARSE_FAILED', 'ada'],
  ])('%s', async (_what, body, headers, status, code, user) => {
    const response = await post(body, headers as Record<string, string>);
    expect(response.status).toBe(status);
    const [line] = await told(1);
    expect(line).toMatchObject({
      status,
      outcome: 'refused',
      codes: [code],
      address: '127.0.0.1',
      userAgent: 'tests/1',
    });
    expect(line?.['user']).toBe(user);
  });
});

describe('a subscription has a line at its start, and one at its end', () => {
  test('when an event stream’s client goes away', async () => {
    const response = await post(EVENTS, { accept: 'text/event-stream' });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const [start] = await told(1);
    expect(start).toMatchObject({ msg: 'subscription started', transport: 'sse', type: 'subscription', outcome: 'ok' });
    await announce('sse-1');
    let text = '';
    while (!text.includes('sse-1')) text += Buffer.from((await reader.read()).value ?? []).toString();
    await reader.cancel();
    expect((await told(2))[1]).toMatchObject({ ...end(1, 'disconnected'), traceId: start?.['traceId'] });
  });

  test('when a multipart stream’s token expires', async () => {
    const exp = Math.floor(Date.now() / 1000) + 5;
    const accept = 'multipart/mixed;subscriptionSpec=1.0, application/json';
    const response = await post(EVENTS, { accept, authorization: await bearer({ exp }) });
    expect(await response.text()).toContain('UNAUTHENTICATED');
    expect(await told(2)).toMatchObject([{ transport: 'multipart' }, end(0, 'token_expired')]);
  });

  test('when a WebSocket’s client completes it', async () => {
    const socket = await socketWithStream();
    expect(lines()[0]).toMatchObject({ msg: 'subscription started', transport: 'ws', userAgent: 'socket/1' });
    const next = once(socket, 'message');
    await announce('ws-1');
    await next;
    socket.send(JSON.stringify({ type: 'complete', id: '1' }));
    expect((await told(2))[1]).toMatchObject(end(1, 'completed'));
    socket.terminate();
  });

  test('when a WebSocket breaks, and when its token expires', async () => {
    (await socketWithStream()).terminate();
    expect((await told(2))[1]).toMatchObject(end(0, 'disconnected'));
    stage.context.logged.length = 0;
    await once(await socketWithStream({ exp: Math.floor(Date.now() / 1000) + 5 }), 'close');
    expect((await told(2))[1]).toMatchObject(end(0, 'token_expired'));
  });

  test('when its client reads too slowly', async () => {
    const socket = await socketWithStream();
    socket.pause();
    for (let i = 0; i < 400 && lines().length < 2; i++)
      await stage.sidecar.deliver('announced', { id: `slow-${i}`, type: 'a', data: { text: 'x'.repeat(100_000) } });
    expect((await told(2))[1]).toMatchObject({ msg: 'subscription ended', reason: 'slow_consumer' });
    socket.terminate();
  });

  test('when the gateway stops', async () => {
    const stopping = await startTestGateway({ LOG_LEVEL: 'info' });
    const response = await fetch(`${stopping.gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${await stopping.issuer.token()}`,
      },
      body: EVENTS,
    });
    await stopping.stop();
    await response.text();
    const last = stopping.context.logged.map((line) => JSON.parse(line) as Line).at(-1);
    expect(last).toMatchObject({ msg: 'subscription ended', reason: 'stopping' });
  });
});

test('no token, cookie, variable or text of an operation gets into the log, at any level', async () => {
  const SECRET = 'hunter2hunter2';
  const token = await stage.issuer.token();
  const secrets = [SECRET, token, token.split('.')[2] as string];
  const all: Record<string, string> = {
    authorization: `Bearer ${token}`,
    'x-tenant': SECRET,
    'x-other': SECRET,
    cookie: `a=${SECRET}`,
  };
  const rename = `mutation Rename($name: String!) { rename(id: "${SECRET}", name: $name) { id } }`;
  const variables = { name: SECRET };
  const search = new URLSearchParams({
    query: `query Get($id: ID!) { user(id: $id) { id } product(upc: "${SECRET}") { upc } }`,
    variables: JSON.stringify({ id: SECRET }),
    extensions: JSON.stringify({ token }),
    access_token: token,
  });
  const preflight = { 'apollo-require-preflight': '1' };

  const answers = [
    await post(JSON.stringify({ query: rename, variables, extensions: { token } }), all),
    await fetch(`${stage.gateway.url}/graphql?${search}`, { headers: { ...all, ...preflight } }),
    await fetch(`${stage.gateway.url}/graphql?${search}`, {
      headers: { cookie: `__Host-token=${token}`, ...preflight },
    }),
    await post(JSON.stringify({ query: rename, variables }), { authorization: `Bearer ${token}x` }),
    await post(JSON.stringify({ query: rename, variables }), { authorization: `Basic ${SECRET}` }),
    await post(JSON.stringify({ query: `{ ${SECRET} }` })),
    await post(JSON.stringify({ query: `{ user(id: "${SECRET}"` })),
    await post(`{"query": "${SECRET}`),
    await post(JSON.stringify({ query: '{ me { id } }', operationName: SECRET })),
    await fetch(`${stage.gateway.url}/session`, { method: 'POST', headers: { authorization: `Bearer ${token}` } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 401, 401, 400, 400, 400, 400, 204]);

  const socket = new WebSocket(
    `${stage.gateway.url.replace('http', 'ws')}/graphql?token=${token}`,
    'graphql-transport-ws',
    {
      headers: all,
    },
  );
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { token, secret: SECRET } }));
  await once(socket, 'message');
  socket.send(
    JSON.stringify({ type: 'subscribe', id: SECRET, payload: { query: rename, variables, extensions: { token } } }),
  );
  await once(socket, 'message');
  socket.send(JSON.stringify({ type: SECRET, payload: token }));
  await once(socket, 'close');
  const refused = new WebSocket(`${stage.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(refused, 'open');
  refused.send(JSON.stringify({ type: 'connection_init', payload: { token: `${token}x` } }));
  await once(refused, 'close');

  await eventually(() => lines().length >= 11);
  const log = stage.context.logged.join('');
  for (const secret of secrets) expect(log).not.toContain(secret);
});

test('what clients choose is bounded, and cannot forge a line', async () => {
  const sub = `eve\n{"msg":"operation","user":"ada"}\u001b[31m${'x'.repeat(1000)}`;
  await post(JSON.stringify({ query: `query ${'N'.repeat(2000)} { me { id } }` }), {
    authorization: await bearer({ sub }),
    'user-agent': 'u'.repeat(4000),
  });
  const [line] = await told(1);
  expect(stage.context.logged.filter((text) => text.includes('"msg":"operation"'))).toHaveLength(1);
  for (const key of ['operation', 'user', 'userAgent']) expect(String(line?.[key]).length).toBe(257);
  // oxlint-disable-next-line no-control-regex -- that is what must not be there
  expect(stage.context.logged.join('').replaceAll(/\n$/gm, '')).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test('it can be switched off', async () => {
  const quiet = await startTestGateway({ LOG_LEVEL: 'info', ACCESS_LOG: 'false' });
  await quiet.query('{ me { id } }');
  await quiet.stop();
  expect(quiet.context.logged.join('')).not.toContain('"msg":"operation"');
});
