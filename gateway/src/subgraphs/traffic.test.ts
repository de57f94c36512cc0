import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { GatewayContext } from '../context.ts';
import { testCaller, testContext } from '../testing/context.ts';
import { eventually } from '../testing/gateway.ts';
import { drop, startTestServer, type TestServer } from '../testing/server.ts';
import { startSubgraphClient, type SubgraphClient } from './client.ts';

let server: TestServer;
let context: GatewayContext;
let client: SubgraphClient;

const start = async (settings: Record<string, string> = {}) => {
  await client?.stop();
  context = testContext(settings);
  client = startSubgraphClient(context);
};
beforeEach(async () => {
  server = await startTestServer();
  await start();
});
afterEach(async () => {
  await server.stop();
  await client.stop();
});

const OK = '{"data":{"ok":true}}';
const INVOKE = '{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke: connection refused"}';
/** Uses up most of a deadline of five seconds. */
const failLate = (_request: unknown, response: ServerResponse): void =>
  void setTimeout(() => response.writeHead(503).end(), 3500);
const send = (kind: 'query' | 'mutation' = 'query', subgraph = 'users', caller = testCaller()) =>
  client.send({ subgraph, kind, body: '{"query":"{ ok }"}' }, server.origin, caller);
const outcomeOf = (sent: Promise<unknown>) => sent.then(() => 'ok').catch((error: { kind: string }) => error.kind);
const state = async (subgraph: string) =>
  (await context.metrics.breakers.get()).values.find(({ labels }) => labels.subgraph === subgraph)?.value;

describe('retries', () => {
  test.each([
    ['a broken connection', drop],
    ['ERR_DIRECT_INVOKE', [500, INVOKE]],
    ['502', [502, 'Bad Gateway']],
    ['503', [503, '']],
    ['504', [504, '']],
  ] as const)('a query gets over %s', async (_name, failure) => {
    server.answer(failure as typeof drop, failure as typeof drop, [200, OK]);
    await expect(send()).resolves.toEqual({ data: { ok: true } });
    expect(server.requests).toHaveLength(3);
  });

  test.each([
    ['a mutation', 'mutation', drop, 'unreachable'],
    [
      'what the sidecar timed out',
      'query',
      [500, '{"errorCode":"ERR_DIRECT_INVOKE","message":"context deadline exceeded"}'],
      'timeout',
    ],
    ['a call that is denied', 'query', [403, INVOKE], 'denied'],
    ['a request that is refused', 'query', [413, ''], 'rejected'],
    ['a bug of the subgraph', 'query', [500, 'oops'], 'broken'],
    ['GraphQL errors', 'query', [503, '{"errors":[{"message":"no"}]}'], 'ok'],
  ] as const)('%s is not sent again', async (_name, kind, failure, outcome) => {
    server.answer(failure as typeof drop);
    expect(await outcomeOf(send(kind))).toBe(outcome);
    expect(server.requests).toHaveLength(1);
  });

  test('neither is a query that got no answer in time, and all attempts share one deadline', async () => {
    await start({ SUBGRAPH_TIMEOUT_MS: '5000' });
    server.answer(failLate, () => {});
    const started = performance.now();
    expect(await outcomeOf(send())).toBe('timeout');
    // A deadline of its own for the second attempt would make it 8.5 seconds.
    expect(performance.now() - started).toBeLessThan(8000);
    expect(server.requests).toHaveLength(2);
  });

  test('in an outage they stay within their budget', async () => {
    await start({ SUBGRAPH_BREAKER_PERCENT: '0', SUBGRAPH_RETRY_BUDGET_PERCENT: '20' });
    server.answer([503, '']);
    for (let i = 0; i < 50; i++) await outcomeOf(send());
    expect(server.requests.length).toBeGreaterThan(50);
    expect(server.requests.length).toBeLessThanOrEqual(60);
    const { values } = await context.metrics.retries.get();
    expect(values.map(({ labels }) => labels.outcome).sort()).toEqual(['over_budget', 'sent']);
  });

  test('end when the client goes away', async () => {
    const gone = new AbortController();
    server.answer((_request, response) => {
      response.writeHead(503).end();
      gone.abort();
    });
    expect(await outcomeOf(send('query', 'users', testCaller({ signal: gone.signal })))).toBe('cancelled');
    expect(server.requests).toHaveLength(1);
  });
});

describe('timeouts', () => {
  test('can be set for single subgraphs', async () => {
    await start({ SUBGRAPH_TIMEOUT_MS: '60000', SUBGRAPH_TIMEOUTS: 'users=50, products=60000' });
    server.answer(() => {});
    expect(await outcomeOf(send())).toBe('timeout');
  });

  test('for subgraphs that do not exist are warned of', async () => {
    await start({ SUBGRAPH_TIMEOUTS: 'users=50,usres=60' });
    const warned: unknown[] = [];
    context.logger.warn = ((fields: { subgraph: string }) => warned.push(fields.subgraph)) as never;
    client.retain(new Map([['users', server.origin]]));
    expect(warned).toEqual(['usres']);
  });
});

describe('the circuit breaker', () => {
  const BREAKER = {
    SUBGRAPH_BREAKER_MIN_CALLS: '5',
    SUBGRAPH_BREAKER_OPEN_MS: '2000',
    SUBGRAPH_RETRIES: '0',
    SUBGRAPH_TIMEOUTS: 'users=50',
  };

  test.each([
    ['transport failures', drop],
    ['timeouts', () => {}],
    ['status 500', [500, 'oops']],
  ] as const)('of a subgraph opens over %s; another’s does not; it closes again', async (_name, failure) => {
    await start(BREAKER);
    server.answer(failure as typeof drop);
    for (let i = 0; i < 5; i++) await outcomeOf(send());
    expect(await state('users')).toBe(2);
    expect(await outcomeOf(send())).toBe('open');
    expect(server.requests).toHaveLength(5);
    server.answer([200, OK]);
    expect(await outcomeOf(send('query', 'products'))).toBe('ok');
    expect(await state('products')).toBe(0);
    await eventually(async () => (await outcomeOf(send())) === 'ok');
    expect(await state('users')).toBe(0);
  });

  test.each([
    ['GraphQL errors', [500, '{"errors":[{"message":"no"}]}']],
    ['refused requests', [400, '']],
    ['denied calls', [403, '']],
  ] as const)('stays closed over %s', async (_name, answer) => {
    await start({ ...BREAKER, SUBGRAPH_TIMEOUTS: 'users=10000' });
    server.answer([...answer]);
    for (let i = 0; i < 10; i++) await outcomeOf(send());
    expect(server.requests).toHaveLength(10);
  });

  test('stays closed when clients go away', async () => {
    await start(BREAKER);
    server.answer(() => {});
    for (let i = 0; i < 10; i++)
      await outcomeOf(send('query', 'users', testCaller({ signal: AbortSignal.timeout(5) })));
    expect(await state('users')).toBe(0);
  });
});

test('of the requests that find no free connection, only so many wait', async () => {
  await start({ SUBGRAPH_CONNECTIONS: '2', SUBGRAPH_QUEUE: '3' });
  const held: (() => void)[] = [];
  server.answer((_request, response) => held.push(() => response.end(OK)));
  const sent = Array.from({ length: 7 }, () => outcomeOf(send('mutation')));
  await eventually(() => held.length === 2);
  // Another subgraph has connections of its own.
  const other = outcomeOf(send('mutation', 'products'));
  await eventually(() => held.length === 3);
  server.answer([200, OK]);
  for (const release of held) release();
  expect((await Promise.all(sent)).sort()).toEqual(['busy', 'busy', 'ok', 'ok', 'ok', 'ok', 'ok']);
  expect(await other).toBe('ok');
});

test('a subgraph that a reload took away leaves nothing', async () => {
  await send();
  await send('query', 'products');
  client.retain(new Map([['products', server.origin]]));
  const { values } = await context.metrics.breakers.get();
  expect(values.map(({ labels }) => labels.subgraph)).toEqual(['products']);
  await eventually(() => server.requests[0]?.socket.destroyed === true);
  expect(server.requests[1]?.socket.destroyed).toBe(false);
});
