import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startZipkin, type ZipkinServer, type ZipkinSpan } from '@todo/service/testing/zipkin';
import { parseTraceparent } from '@todo/service/traceparent';
import WebSocket from 'ws';
import { eventually, startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { openEvents, transports } from '../testing/transports.ts';

let zipkin: ZipkinServer;
let stage: TestGateway;
beforeAll(async () => {
  zipkin = await startZipkin();
  stage = await startTestGateway({
    ZIPKIN_URL: zipkin.url,
    SERVICE_NAME: 'edge',
    MAX_BATCH_SIZE: '2',
    LOG_LEVEL: 'info',
  });
  await eventually(async () => (await fetch(`${stage.gateway.url}/readyz`)).status === 200);
});
afterAll(async () => {
  await stage.stop();
  await zipkin.stop();
});
beforeEach(() => {
  zipkin.spans.length = 0;
  stage.received.length = 0;
});

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CLIENT_SPAN = 'b7ad6b7169203331';
const traceparent = `00-${TRACE}-${CLIENT_SPAN}-01`;
const post = async (body: unknown, headers: Record<string, string> = {}, at = stage) =>
  fetch(`${at.gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await at.issuer.token()}`, ...headers },
    body: JSON.stringify(body),
  });
/** How often the gateway's log says something. */
const told = (message: string): number => stage.context.logged.filter((line) => line.includes(message)).length;
const named = (name: string): ZipkinSpan[] => zipkin.spans.filter((span) => span.name === name);
/** Waits for a span. */
async function span(name: string): Promise<ZipkinSpan> {
  await eventually(() => named(name).length > 0);
  return named(name)[0] as ZipkinSpan;
}

test('an operation is one trace: the client’s, the request, parsing, validation, planning, and each subgraph’s fetch', async () => {
  await post({ query: 'query Across { me { reviews { product { title } } } }' }, { traceparent });
  const request = await span('query');
  expect(request).toMatchObject({
    traceId: TRACE,
    parentId: CLIENT_SPAN,
    kind: 'SERVER',
    localEndpoint: { serviceName: 'edge' },
    tags: {
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Across',
      'graphql.transport': 'http',
      'http.response.status_code': '200',
    },
  });
  expect(request.tags).not.toHaveProperty('error');
  expect(zipkin.spans.map(({ name }) => name).toSorted()).toEqual([
    'fetch products',
    'fetch reviews',
    'fetch users',
    'graphql.parse',
    'graphql.plan',
    'graphql.validate',
    'query',
  ]);
  for (const each of zipkin.spans) {
    expect(each.traceId).toBe(TRACE);
    expect(each.timestamp).toBeGreaterThanOrEqual(request.timestamp - 1000);
    expect(each.timestamp + each.duration).toBeLessThanOrEqual(request.timestamp + request.duration + 1000);
    expect(each.parentId).toBe(each === request ? CLIENT_SPAN : request.id);
  }
  // What the subgraph, or a sidecar in between, records hangs below its fetch.
  expect(stage.received).toHaveLength(3);
  for (const { subgraph, headers } of stage.received) {
    const fetched = named(`fetch ${subgraph}`)[0];
    expect(fetched).toMatchObject({ kind: 'CLIENT', tags: { 'graphql.subgraph.name': subgraph } });
    expect(parseTraceparent(headers['traceparent'])).toEqual({ traceId: TRACE, spanId: fetched?.id, flags: 1 });
  }
});

test.each(transports)('over %s an operation without a trace of the client’s begins one', async (_transport, send) => {
  await send(stage, { query: 'query Own { me { id } }' });
  const request = await span('query');
  expect(request).not.toHaveProperty('parentId');
  expect(await span('fetch users')).toMatchObject({ traceId: request.traceId, parentId: request.id });
  expect(named('query')).toHaveLength(1);
});

test('operations of one WebSocket have traces of their own, or those that they name', async () => {
  const socket = new WebSocket(`${stage.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { token: await stage.issuer.token() } }));
  await once(socket, 'message');
  for (const [id, extensions] of [
    ['1', { traceparent }],
    ['2', {}],
    ['3', {}],
  ])
    socket.send(JSON.stringify({ type: 'subscribe', id, payload: { query: '{ me { id } }', extensions } }));
  await eventually(() => named('query').length === 3);
  socket.terminate();
  const traces = named('query').map(({ traceId }) => traceId);
  expect(new Set(traces).size).toBe(3);
  expect(traces).toContain(TRACE);
  expect(traces).not.toContain('a'.repeat(32));
});

test('what fails says so: in the request, in the fetch, with the trace id that the client gets', async () => {
  await post({ query: '{ fails }' });
  expect((await span('query')).tags).toMatchObject({
    'error.type': 'UNLUCKY',
    error: 'true',
    'otel.status_code': 'ERROR',
  });
  expect((await span('fetch users')).tags).toMatchObject({ 'error.type': 'errors' });
  zipkin.spans.length = 0;

  const observe = stage.context.metrics.operationCost.observe;
  stage.context.metrics.operationCost.observe = () => {
    throw new Error('nobody expected it');
  };
  const answer = (await (await post({ query: '{ me { id } }' })).json()) as {
    errors: { extensions: { traceId: string } }[];
  };
  stage.context.metrics.operationCost.observe = observe;
  const { traceId, tags } = await span('query');
  expect(answer.errors[0]?.extensions.traceId).toBe(traceId);
  expect(tags).toMatchObject({ 'error.type': 'INTERNAL_SERVER_ERROR' });
});

test.each([
  ['without a token', { query: '{ me { id } }' }, { authorization: '' }, 'UNAUTHENTICATED', '401'],
  ['that is no GraphQL', { query: 7 }, {}, 'BAD_REQUEST', '400'],
])('a request %s has a span too, which is not the server’s fault', async (_what, body, headers, code, status) => {
  await post(body, { ...(headers as Record<string, string>), traceparent });
  const { tags, traceId } = await span('GraphQL Operation');
  expect(traceId).toBe(TRACE);
  expect(tags).toMatchObject({ 'error.type': code, 'http.response.status_code': status });
  expect(tags).not.toHaveProperty('error');
});

test('the operations of a batch share a span', async () => {
  await post([{ query: '{ me { id } }' }, { query: '{ users { id } }' }], { traceparent });
  expect(await span('batch')).toMatchObject({ traceId: TRACE, parentId: CLIENT_SPAN });
  expect(stage.received.map(({ headers }) => parseTraceparent(headers['traceparent'])?.spanId)).toEqual(
    Array(2).fill(named('batch')[0]?.id),
  );
});

test('an event that is delivered goes on with the event’s trace, linked to the subscription’s', async () => {
  const stream = await openEvents(stage, 'subscription { reviewed { user { name } } }');
  const opened = await span('subscription');
  const data = { seller: 'ada', stars: 1, user: { id: 'u1' } };
  await stage.sidecar.deliver('review.added', { id: 'e1', type: 'review.added.v1', traceparent, data });
  let text = '';
  while (!text.includes('Ada')) text += await stream.read();
  const delivered = await span('deliver reviewed');
  expect(delivered).toMatchObject({
    traceId: TRACE,
    parentId: CLIENT_SPAN,
    kind: 'CONSUMER',
    tags: {
      'cloudevents.event_id': 'e1',
      'cloudevents.event_type': 'review.added.v1',
      'otel.links': `${opened.traceId}-${opened.id}`,
    },
  });
  expect(await span('fetch users')).toMatchObject({ traceId: delivered.traceId, parentId: delivered.id });
  expect(parseTraceparent(stage.received.at(-1)?.headers['traceparent'])?.traceId).toBe(delivered.traceId);
  stream.leave();
});

test('of many deliveries ten are in the event’s trace, others have their own, linked to it', async () => {
  // Each takes something else, so that none shares another's execution.
  const selections = Array.from({ length: 12 }, (_, i) => `a${i}: user { name }`);
  const streams = await Promise.all(
    selections.map((each) => openEvents(stage, `subscription { reviewed { ${each} } }`)),
  );
  const data = { seller: 'ada', stars: 1, user: { id: 'u1' } };
  await stage.sidecar.deliver('review.added', { id: 'e2', type: 'review.added.v1', traceparent, data });
  await eventually(() => named('deliver reviewed').length === streams.length);
  const within = named('deliver reviewed').filter(({ traceId }) => traceId === TRACE);
  const apart = named('deliver reviewed').filter(({ traceId }) => traceId !== TRACE);
  expect(within).toHaveLength(10);
  expect(apart).toHaveLength(2);
  for (const { tags } of apart) expect(tags?.['otel.links']).toContain(`${TRACE}-${CLIENT_SPAN},`);
  streams.forEach((stream) => stream.leave());
});

test('no token, variable or text of an operation is in a span, and names are cut', async () => {
  const SECRET = 'hunter2hunter2';
  const token = await stage.issuer.token();
  const query = `mutation ${'N'.repeat(1000)}($name: String!) { rename(id: "${SECRET}", name: $name) { id } }`;
  const headers = { authorization: `Bearer ${token}`, cookie: `a=${SECRET}`, 'x-other': SECRET };
  await post({ query, variables: { name: SECRET }, extensions: { token } }, headers);
  await post({ query: `{ ${SECRET} }` }, headers);
  const search = new URLSearchParams({ query: `{ user(id: "${SECRET}") { id } }`, token });
  await fetch(`${stage.gateway.url}/graphql?${search}`, { headers: { ...headers, 'apollo-require-preflight': '1' } });
  expect((await span('mutation')).tags?.['graphql.operation.name']).toBe('N'.repeat(256));
  await eventually(() => named('query').length === 2);
  const all = JSON.stringify(zipkin.spans);
  for (const secret of [SECRET, token, 'rename']) expect(all).not.toContain(secret);
});

describe('with another ratio', () => {
  test('only what a client records is recorded where it is 0, and subgraphs are told', async () => {
    const quiet = await startTestGateway({ ZIPKIN_URL: zipkin.url, TRACE_SAMPLING_RATIO: '0', SERVICE_NAME: 'quiet' });
    const flagsOf = () => quiet.received.map(({ headers }) => parseTraceparent(headers['traceparent'])?.flags);
    await post({ query: '{ me { id } }' }, {}, quiet);
    await post({ query: '{ me { id } }' }, { traceparent: traceparent.replace(/01$/, '00') }, quiet);
    await post({ query: '{ me { id } }' }, { traceparent }, quiet);
    expect(flagsOf()).toEqual([0, 0, 1]);
    await quiet.stop();
    const requests = named('query').filter(({ localEndpoint }) => localEndpoint.serviceName === 'quiet');
    expect(requests.map(({ traceId }) => traceId)).toEqual([TRACE]);
  });

  test('a client’s trace goes on unchanged where tracing is off', async () => {
    const off = await startTestGateway();
    const requests = zipkin.requests();
    await post({ query: '{ me { id } }' }, { traceparent }, off);
    await off.stop();
    expect(off.received[0]?.headers['traceparent']).toBe(traceparent);
    expect(zipkin.requests()).toBe(requests);
  });
});

describe('Zipkin', () => {
  test('that is away or gives no answer harms nothing, is logged once, and gets spans again when it is back', async () => {
    zipkin.answer('refuses');
    for (let i = 0; i < 3; i++) {
      const requests = zipkin.requests();
      expect((await post({ query: '{ me { id } }' })).status).toBe(200);
      await eventually(() => zipkin.requests() > requests);
    }
    await eventually(() => told('traces are lost') > 0);
    expect(told('traces are lost')).toBe(1);
    zipkin.answer('takes');
    await post({ query: '{ me { id } }' }, { traceparent });
    await eventually(() => named('query').some(({ traceId }) => traceId === TRACE));
    await eventually(() => told('traces are taken again') === 1);
  });

  test('that hangs does not keep a gateway from stopping; one that takes gets the last spans', async () => {
    const stopping = await startTestGateway({ ZIPKIN_URL: zipkin.url });
    await post({ query: 'query Last { me { id } }' }, { traceparent }, stopping);
    await stopping.gateway.stop();
    expect(named('query').map(({ tags }) => tags?.['graphql.operation.name'])).toContain('Last');
    await stopping.stop();

    const hanging = await startTestGateway({ ZIPKIN_URL: zipkin.url });
    zipkin.answer('hangs');
    const requests = zipkin.requests();
    await post({ query: '{ me { id } }' }, {}, hanging);
    await hanging.stop();
    expect(zipkin.requests()).toBeGreaterThan(requests);
    zipkin.answer('takes');
  });
});
