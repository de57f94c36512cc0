import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { collectProcessMetrics } from '../metrics.ts';
import { eventually, startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { total } from '../testing/metrics.ts';
import { openEvents, transports } from '../testing/transports.ts';
import { createBoundedLabel } from './bounded-label.ts';

const NAMES = 5;
let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway({
    METRICS_OPERATION_NAMES: String(NAMES),
    MAX_CONNECTIONS_PER_ADDRESS: '3',
    PLAN_CACHE_SIZE: '20',
  });
  collectProcessMetrics(stage.context.metrics);
  await eventually(async () => (await fetch(`${stage.gateway.url}/readyz`)).status === 200);
});
afterAll(() => stage.stop());

const scrape = async (): Promise<string> => (await fetch(`${stage.gateway.internalUrl}/metrics`)).text();
/** The values that a label has in a scrape. */
const valuesOf = (text: string, metric: string, label: string): Set<string> => {
  const series = text.split('\n').filter((line) => line.startsWith(metric));
  return new Set(series.map((line) => new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1] as string));
};
test('each metric is served with its help and type, by names that follow the conventions', async () => {
  const text = await scrape();
  const typeOf = (name: string): string | undefined => new RegExp(`^# TYPE ${name} (\\w+)$`, 'm').exec(text)?.[1];
  const own = Object.values(stage.context.metrics)
    .map((metric) => (metric as { name?: string }).name)
    .filter((name): name is string => name !== undefined);
  expect(own.length).toBeGreaterThan(25);
  for (const name of own) {
    expect(name).toMatch(/^gateway_[a-z_]+$/);
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'));
    expect([name, typeOf(name) === 'counter']).toEqual([name, name.endsWith('_total')]);
    expect([name, /_seconds$|_cost$/.test(name)]).toEqual([name, typeOf(name) === 'histogram']);
  }
  expect(text).not.toMatch(/^gateway_\w*(?:_ms|_milliseconds)\b/m);
  expect(typeOf('process_cpu_seconds_total')).toBe('counter');
  expect(typeOf('nodejs_eventloop_lag_p99_seconds')).toBe('gauge');
  expect(text).toMatch(/^gateway_supergraph_info\{hash="[0-9a-f]{12}"\} 1$/m);
});

test('the internal port has them, the public one has not', async () => {
  const { gateway } = stage;
  expect((await fetch(`${gateway.internalUrl}/metrics`)).headers.get('content-type')).toMatch(/^text\/plain; version=/);
  for (const path of ['/metrics', '/metrics/', '//metrics', '/graphql/../metrics'])
    expect((await fetch(`${gateway.url}${path}`)).status).toBe(404);
});

test.each(transports)('over %s an operation and its time are counted by its name', async (transport, send) => {
  const label = { HTTP: 'http', 'server-sent events': 'sse', WebSocket: 'ws' }[transport] as string;
  const { operations, operationSeconds } = stage.context.metrics;
  await send(stage, { query: 'query Me { me { id } }' });
  expect(await total(operations, { operation: 'Me', transport: label, type: 'query', outcome: 'ok' })).toBe(1);
  expect(await total(operationSeconds, { operation: 'Me', transport: label })).toBe(1);
});

test.each(transports)('over %s errors are counted by their codes', async (_transport, send) => {
  const { errors, operations } = stage.context.metrics;
  const count = () =>
    Promise.all(
      [{ code: 'UNLUCKY' }, { code: 'GRAPHQL_VALIDATION_FAILED' }, { code: 'other' }].map((at) => total(errors, at)),
    );
  const [unlucky = 0, invalid = 0] = await count();
  const refused = await total(operations, { outcome: 'refused' });
  await send(stage, { query: '{ fails }' });
  await send(stage, { query: 'query Invalid { nothing }' });
  expect(await count()).toEqual([unlucky + 1, invalid + 1, 0]);
  expect(await total(operations, { outcome: 'refused' })).toBe(refused + 1);
});

test('what fails by no fault of the client is told apart', async () => {
  const { operations, operationCost } = stage.context.metrics;
  const observe = operationCost.observe;
  operationCost.observe = () => {
    throw new Error('nobody expected it');
  };
  await stage.query('query Unlucky { me { id } }');
  operationCost.observe = observe;
  expect(await total(operations, { outcome: 'failed' })).toBe(1);
});

test('what is turned away before it is an operation is counted too', async () => {
  const { errors, limitsHit, webSockets } = stage.context.metrics;
  const before = await total(errors, { code: 'BAD_REQUEST' });
  await stage.query('{ me { id } }', {});
  expect(await total(errors, { code: 'UNAUTHENTICATED' })).toBe(1);
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await stage.issuer.token()}` };
  await fetch(`${stage.gateway.url}/graphql`, { method: 'POST', headers, body: '{"query":' });
  expect(await total(errors, { code: 'BAD_REQUEST' })).toBe(before + 1);

  await eventually(async () => (await total(webSockets)) === 0);
  const open = (): WebSocket =>
    new WebSocket(`${stage.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const sockets = [open(), open(), open()];
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  expect(await total(webSockets)).toBe(3);
  await once(open(), 'error');
  expect(await total(limitsHit, { limit: 'connectionsPerAddress' })).toBe(1);
  sockets.forEach((socket) => socket.terminate());
});

test('a flood of names, valid or not, of any length, does not make more series', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `Flood${i}`);
  await Promise.all(names.map((name) => stage.query(`query Invalid${name} { nothing }`)));
  expect(valuesOf(await scrape(), 'gateway_operations_total', 'operation')).toEqual(new Set(['', 'Me', 'other']));
  await stage.query(`query ${'L'.repeat(3000)} { me { id } }`);
  for (const name of names) await stage.query(`query ${name} { me { id } }`);
  const text = await scrape();
  for (const metric of ['gateway_operations_total', 'gateway_operation_duration_seconds']) {
    const values = valuesOf(text, metric, 'operation');
    expect(values.size).toBe(NAMES + 2);
    expect([...values].every((value) => value.length <= 100)).toBe(true);
  }
  const flooded = await total(stage.context.metrics.operations, { operation: 'other', outcome: 'ok' });
  expect(flooded).toBe(41 - (NAMES - 1));
});

test('plans that were there, were made and had to go are counted', async () => {
  const { planCacheHits, planCacheMisses, planCacheEvictions, plans, planSeconds } = stage.context.metrics;
  const before = await Promise.all([planCacheHits, planCacheMisses, planCacheEvictions].map((each) => total(each)));
  for (let i = 0; i < 2; i++) await stage.query('query Fresh { users { id name } }');
  const after = await Promise.all([planCacheHits, planCacheMisses, planCacheEvictions].map((each) => total(each)));
  expect(after.map((value, i) => value - (before[i] as number))).toEqual([1, 1, 1]);
  expect(await total(plans)).toBe(20);
  expect(await total(planSeconds)).toBe(after[1]);
});

test('open subscriptions are counted by field and transport, events by topic, with the time they took', async () => {
  const { subscribers, eventsReceived, eventsDelivered, deliverySeconds, eventLag } = stage.context.metrics;
  const stream = await openEvents(stage, 'subscription { announced { id text } }');
  expect(await stream.read()).toContain('id: ');
  expect(await total(subscribers, { field: 'announced', transport: 'sse' })).toBe(1);
  await stage.sidecar.deliver('announced', { id: 'e1', type: 'announced', data: { text: 'hear' } });
  expect(await stream.read()).toContain('hear');
  expect(await total(eventsReceived, { topic: 'announced' })).toBe(1);
  expect(await total(eventsDelivered, { topic: 'announced' })).toBe(1);
  expect(await total(deliverySeconds)).toBe(1);
  expect(await total(eventLag, { kind: 'event' })).toBe(1);
  stream.leave();
  await eventually(async () => (await total(subscribers, { field: 'announced', transport: 'sse' })) === 0);
});

test('a label tells the first values apart, and none that is too long or not to be trusted', () => {
  const label = createBoundedLabel(2);
  expect(['A', 'B', 'C', 'A', 'B'.repeat(101)].map((value) => label(value))).toEqual(['A', 'B', 'other', 'A', 'other']);
  expect(createBoundedLabel(2)('A', false)).toBe('other');
});
