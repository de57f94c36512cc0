import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeIdentity } from '@todo/service/identity';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { replaceFile } from './testing/replace-file.ts';

let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway({
    MAX_DEPTH: '6',
    MAX_TOKENS: '200',
    MAX_BODY_BYTES: '5000',
    CORS_ORIGINS: 'https://app.test',
    PROPAGATE_HEADERS: 'X-Tenant',
  });
});
afterAll(() => stage.stop());

const bearer = async () => ({ authorization: `Bearer ${await stage.issuer.token({ scope: 'read' })}` });
const json = { 'content-type': 'application/json' };
const codeOf = (body: unknown) => (body as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code;

const getOperation = async (query: string) =>
  fetch(`${stage.gateway.url}/graphql?${new URLSearchParams({ query })}`, {
    headers: { ...(await bearer()), 'apollo-require-preflight': '1' },
  });
const allowedOrigin = async (origin: string) =>
  (await stage.query('{ me { id } }', { ...(await bearer()), origin })).headers.get('access-control-allow-origin');
const preflight = (origin: string) => fetch(`${stage.gateway.url}/graphql`, { method: 'OPTIONS', headers: { origin } });

describe('over HTTP', () => {
  test('an operation over several subgraphs is answered', async () => {
    expect(await stage.query('{ me { name reviews { stars product { title } } } }')).toMatchObject({
      status: 200,
      body: { data: { me: { name: 'Ada', reviews: [{ stars: 5, product: { title: 'Graphs' } }] } } },
    });
  });

  test('GET is for queries only', async () => {
    expect(await (await getOperation('{ me { id } }')).json()).toEqual({ data: { me: { id: 'u1' } } });
    expect((await getOperation('mutation { rename(id: "u1", name: "x") { id } }')).status).toBe(405);
  });

  test('no token is 401, with what to do about it', async () => {
    const { status, body, headers } = await stage.query('{ me { id } }', {});
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer');
    expect(body).toEqual({
      errors: [{ message: expect.stringContaining('Authorization: Bearer'), extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test('subgraphs learn who calls from the gateway only', async () => {
    stage.received.length = 0;
    await stage.query('{ me { id } }', {
      ...(await bearer()),
      'x-identity': 'forged',
      'dapr-app-id': 'x',
      cookie: 'a=b',
      'x-other': '1',
      'x-tenant': 't1',
    });
    const headers = stage.received[0]?.headers ?? {};
    expect(decodeIdentity(headers['x-identity'] as string)).toMatchObject({ sub: 'ada', scopes: ['read'] });
    expect(headers['x-tenant']).toBe('t1');
    expect(Object.keys(headers).sort()).toEqual([
      'accept',
      'connection',
      'content-length',
      'content-type',
      'host',
      'traceparent',
      'x-identity',
      'x-tenant',
    ]);
  });

  test.each([
    ['too deep', '{ me { reviews { author { reviews { author { reviews { id } } } } } } }', 'DEPTH_LIMIT_EXCEEDED'],
    [
      'too deep through fragments',
      '{ me { ...A } } fragment A on User { reviews { author { reviews { author { reviews { id } } } } } }',
      'DEPTH_LIMIT_EXCEEDED',
    ],
    ['too long', `{ ${'me { id } '.repeat(60)} }`, 'TOKENS_LIMIT_EXCEEDED'],
    ['not in the schema', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a subscription', 'subscription { announced { id } }', 'BAD_REQUEST'],
  ])('an operation that is %s is refused', async (_what, query, code) => {
    const { status, body } = await stage.query(query);
    expect([status, codeOf(body)]).toEqual([400, code]);
  });

  test('a fragment in itself does not keep the gateway busy', async () => {
    const { status } = await stage.query('{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }');
    expect(status).toBe(400);
  });

  test.each([
    ['malformed JSON', '{"query":', json, 400],
    ['too large', JSON.stringify({ query: '{ me { id } }', x: 'x'.repeat(6000) }), json, 413],
    ['of a form’s type', 'query=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['with a prototype in it', '{"query":"{ me { id } }","variables":{"__proto__":{"a":1}}}', json, 400],
  ])('a body that is %s is refused', async (_what, body, headers, status) => {
    const response = await fetch(`${stage.gateway.url}/graphql`, {
      method: 'POST',
      headers: { ...headers, ...(await bearer()) },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty('errors');
  });

  test('a simple request, as a foreign page could send it, is refused', async () => {
    const response = await fetch(`${stage.gateway.url}/graphql?query={me{id}}`, { headers: await bearer() });
    expect(response.status).toBe(400);
  });

  test('listed origins may read answers, others not', async () => {
    expect(await allowedOrigin('https://app.test')).toBe('https://app.test');
    expect(await allowedOrigin('https://evil.test')).toBeNull();
    expect((await preflight('https://app.test')).status).toBe(204);
    expect((await preflight('https://evil.test')).status).toBe(403);
  });

  test('what nobody expected is masked, with a trace id', async () => {
    const supergraphOf = stage.context.metrics.fetchSeconds.observe;
    stage.context.metrics.fetchSeconds.observe = () => {
      throw new Error('a secret');
    };
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { body } = await stage.query('{ me { id } }', { ...(await bearer()), traceparent });
    stage.context.metrics.fetchSeconds.observe = supergraphOf;
    expect(body).toMatchObject({
      errors: [
        {
          message: 'Internal server error',
          extensions: { code: 'INTERNAL_SERVER_ERROR', traceId: '0af7651916cd43dd8448eb211c80319c' },
        },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  test('metrics are on the internal port, and not on the public one', async () => {
    expect((await fetch(`${stage.gateway.url}/metrics`)).status).toBe(404);
    const text = await (await fetch(`${stage.gateway.internalUrl}/metrics`)).text();
    expect(text).toMatch(/gateway_subgraph_fetch_duration_seconds_count\{subgraph="users",outcome="ok"\} \d/);
    expect(text).toMatch(/gateway_operations_total\{operation="",transport="http",type="query",outcome="ok"\} \d/);
  });
});

describe('a replica', () => {
  test('is ready when its own markers came back from every partition of every topic', async () => {
    const waiting = await startTestGateway({}, true);
    try {
      const ready = async () => (await fetch(`${waiting.gateway.url}/readyz`)).status === 200;
      await eventually(() => waiting.sidecar.published.length >= 6);
      expect(await ready()).toBe(false);
      expect(await (await fetch(`${waiting.gateway.internalUrl}/readyz`)).json()).toMatchObject({
        waitingFor: expect.arrayContaining(['announced[0]', 'announced[1]', 'review.added[0]']),
      });
      expect((await fetch(`${waiting.gateway.url}/healthz`)).status).toBe(200);
      const { pubsub, event, token } = waiting.sidecar.published[0] as (typeof waiting.sidecar.published)[0];
      expect([pubsub, token]).toEqual(['shop-replica', 'api-token']);
      // Another replica's markers prove nothing.
      waiting.sidecar.deliverTo(waiting.gateway.internalUrl as string, false);
      for (const { topic, partition } of waiting.sidecar.published.slice(0, 6)) {
        const marker = { ...event, id: `${topic}${partition}`, data: { replica: 'replica-2' } };
        await waiting.sidecar.deliver(topic, marker, { __partition: partition });
      }
      expect(await ready()).toBe(false);
      waiting.sidecar.deliverTo(waiting.gateway.internalUrl as string);
      await eventually(ready);
      expect(new Set(waiting.sidecar.published.map(({ topic, partition }) => `${topic} ${partition}`)).size).toBe(6);
    } finally {
      await waiting.stop();
    }
  });
});

describe('a ready replica', () => {
  test('is not ready while its markers no longer come back, and is again when they do', async () => {
    const serving = await startTestGateway({ MARKER_INTERVAL_SECONDS: '1' });
    try {
      const ready = async () => (await fetch(`${serving.gateway.url}/readyz`)).status === 200;
      await eventually(ready);
      serving.sidecar.deliverTo('http://127.0.0.1:1');
      const waitingFor = async () => {
        const answer = await (await fetch(`${serving.gateway.internalUrl}/readyz`)).json();
        return ((answer as { waitingFor?: string[] }).waitingFor ?? []).toSorted();
      };
      await eventually(async () => (await waitingFor()).length === 6);
      expect(await waitingFor()).toEqual(expect.arrayContaining(['announced[0]', 'review.added[1]']));
      expect(await ready()).toBe(false);
      serving.sidecar.deliverTo(serving.gateway.internalUrl as string);
      await eventually(ready);
      const { values } = await serving.context.metrics.eventLag.get();
      const markers = values.find(
        ({ metricName, labels }) => metricName?.endsWith('_count') && labels.kind === 'marker',
      );
      expect(markers?.value).toBeGreaterThan(6);
    } finally {
      await serving.stop();
    }
  });

  test('stays ready where the broker takes no markers: no replica would receive more', async () => {
    const serving = await startTestGateway({ MARKER_INTERVAL_SECONDS: '1' });
    try {
      const ready = async () => (await fetch(`${serving.gateway.url}/readyz`)).status === 200;
      await eventually(ready);
      serving.sidecar.refusePublications();
      const before = serving.sidecar.published.length;
      await new Promise((resolve) => setTimeout(resolve, 4500)); // what must not happen has no event
      expect(serving.sidecar.published.length).toBe(before);
      expect(await ready()).toBe(true);
    } finally {
      await serving.stop();
    }
  });
});

describe('a changed supergraph', () => {
  test('with a topic more does not take a serving replica away', async () => {
    const serving = await startTestGateway();
    try {
      const ready = async () => (await fetch(`${serving.gateway.url}/readyz`)).status === 200;
      await eventually(ready);
      serving.sidecar.deliverTo('http://127.0.0.1:1');
      const wider = serving.supergraphSdl.replace('names: ["announced"]', 'names: ["announced", "proclaimed"]');
      await replaceFile(serving.supergraphFile, wider);
      await eventually(() => serving.sidecar.published.some(({ topic }) => topic === 'proclaimed'));
      expect(await ready()).toBe(true);
    } finally {
      await serving.stop();
    }
  });

  test('is taken over where it holds together, and else the one in force stays', async () => {
    const outcome = async (name: string) => {
      const { values } = await stage.context.metrics.supergraphReloads.get();
      return values.find((value) => value.labels.outcome === name)?.value ?? 0;
    };
    await replaceFile(stage.supergraphFile, stage.supergraphSdl.replace('public: true', 'public: false'));
    await eventually(async () => (await outcome('refused')) === 1);
    expect((await stage.query('{ me { name } }')).body).toEqual({ data: { me: { name: 'Ada' } } });
    await replaceFile(stage.supergraphFile, stage.supergraphSdl.replace('  users: [User!]!', '  people: [User!]!'));
    await eventually(async () => (await outcome('accepted')) === 1);
    expect((await stage.query('{ users { name } }')).status).toBe(400);
    expect((await stage.query('{ me { name } }')).body).toEqual({ data: { me: { name: 'Ada' } } });
  });
});
