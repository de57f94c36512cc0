import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ready, startTestGateway, type TestGateway } from '../testing/gateway.ts';

let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway({ ACCESS_LOG: 'true', LOG_LEVEL: 'info', RATE_LIMIT_PER_MINUTE: '1000' });
  await ready(stage);
});
afterAll(() => stage.stop());

/** Once for each, so that no two requests are of one document. */
let made = 0;

type Request = { query: string; variables?: object; operationName?: string; headers?: Record<string, string> };

async function ask({ headers, ...body }: Request) {
  const response = await fetch(`${stage.gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await stage.issuer.token()}`,
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const { date: _date, ratelimit: _left, ...rest } = Object.fromEntries(response.headers);
  return { status: response.status, headers: rest, body: (await response.text()).replace(/[0-9a-f]{32}/g, 'ID') };
}

/** What the metrics say, but for how long anything took, and whether its plan was there. */
async function counted(): Promise<Map<string, number>> {
  const text = await stage.context.metrics.registry.metrics();
  const lines = text.matchAll(
    /^(gateway_(?:operations_total|operation_duration_seconds_count|operation_cost|errors_total|limits_hit|subgraph_fetch_duration_seconds_count).*) (\d+)$/gm,
  );
  return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]));
}

/** What is told of a request: how the metrics change, and its line in the log. */
async function told(request: Request) {
  const before = await counted();
  const logged = stage.context.logged.length;
  const answer = await ask(request);
  const changes = [...(await counted())].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const);
  const lines = stage.context.logged.slice(logged).map((line) => {
    const { time: _time, durationMs: _ms, traceId: _id, ...rest } = JSON.parse(line);
    return rest;
  });
  return { answer, changes: changes.filter(([, change]) => change !== 0), lines };
}

const requests: [what: string, request: Request][] = [
  ['a query', { query: '{ me { id name } }' }],
  ['a query by its name', { query: 'query A { me { id } } query B { me { name } }', operationName: 'B' }],
  ['variables', { query: 'query ($id: ID!) { user(id: $id) { name reviews { stars } } }', variables: { id: 'u1' } }],
  ['variables that do not fit', { query: 'query ($id: ID!) { user(id: $id) { name } }', variables: { id: [1] } }],
  ['no variables where there must be', { query: 'query ($id: ID!) { user(id: $id) { name } }' }],
  ['an error of a subgraph', { query: '{ fails me { name } }' }],
  ['an error that makes all null', { query: '{ mustNotFail me { name } }' }],
  ['values that are missing', { query: '{ reviews { id author { name } } }' }],
  ['introspection', { query: '{ __schema { queryType { name } } __typename me { id } }' }],
  ['a mutation', { query: 'mutation { rename(id: "u1", name: "Ada") { name } }' }],
  [
    'a mutation with a bad key',
    { query: 'mutation { rename(id: "u1", name: "Ada") { name } }', headers: { 'idempotency-key': 'a b' } },
  ],
  ['what is not valid', { query: '{ nothing }' }],
  ['what does not parse', { query: '{ me { ' }],
  ['an unknown name', { query: 'query A { me { id } }', operationName: 'C' }],
  ['a subscription', { query: 'subscription { userChanged { id } }' }],
  [
    'another media type',
    { query: '{ me { id } }', headers: { accept: 'application/graphql-response+json, application/json;q=0.9' } },
  ],
  ['a media type that is not to be had', { query: '{ me { id } }', headers: { accept: 'text/html' } }],
  ['an origin', { query: '{ me { id } }', headers: { origin: 'https://elsewhere.example' } }],
  ['nobody', { query: '{ me { id } }', headers: { authorization: 'Bearer none' } }],
];

test.each(requests)('both ways answer and tell the same: %s', async (_what, request) => {
  const query = `${request.query} # ${made++}`;
  // Which content type an Accept header comes to is known from here on.
  await ask({ ...request, query: '{ me { id } }' });
  const first = await told({ ...request, query });
  const second = await told({ ...request, query });
  expect(second).toEqual(first);
});

test('what nobody expected is masked and told of in the same way', async () => {
  const { operationCost } = stage.context.metrics;
  const { observe } = operationCost;
  const request = { query: '{ me { email } }' };
  operationCost.observe = () => {
    throw new Error('nobody expected it');
  };
  const first = await told(request);
  operationCost.observe = observe;
  await ask(request);
  operationCost.observe = () => {
    throw new Error('nobody expected it');
  };
  const second = await told(request);
  operationCost.observe = observe;
  const withoutStacks = ({ lines, ...rest }: typeof first) => ({
    ...rest,
    lines: lines.map(({ err: _err, ...line }) => line),
  });
  expect(first.answer.status).toBe(500);
  expect(withoutStacks(second)).toEqual(withoutStacks(first));
});

test('an operation takes the short way from the second time on', async () => {
  const { operations } = stage.context.metrics;
  const request = { query: 'query Short { me { id } }' };
  const [first, second] = [await ask(request), await ask(request)];
  expect(second).toEqual(first);
  expect((await operations.get()).values.find(({ labels }) => labels.operation === 'Short')?.value).toBe(2);
});
