import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { killPart, pausePart, restartPart, resumePart, startPart, stopPart } from '@todo/dev/control/client';
import { encodeIdentity } from '@todo/service/identity';
import { eventually } from './stack/eventually.ts';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { startOwnGateway, type OwnGateway } from './stack/own-gateway.ts';
import { DATA } from './stack/paths.ts';
import { app } from './stack/ready.ts';
import { newUser, type User } from './stack/user.ts';

/** Over three subgraphs; what the last one says may be missing without the rest. */
const QUERY = `query ($id: ID!) {
  tasks { nodes { id reminders { at } } }
  task(id: $id) { notifications { kind } }
}`;
const APP = 'notification-service';
const SIDECAR = `${APP}-dapr`;
/** How long the sidecar itself would wait. */
const DAPR_LIMIT_MS = 15_000;
const INTERNALS = /127\.0\.0\.1|localhost|ERR_DIRECT|invoke|rpc|dial|spiffe|status/i;

let user: User;
let id: string;
let gateway: OwnGateway;

beforeAll(async () => {
  user = await newUser();
  ({ id } = await createTask(user, { title: 'Seen by three' }));
  // Without breakers: what one case does to a subgraph must not be felt by the next.
  gateway = await startOwnGateway({ SUBGRAPH_TIMEOUTS: 'notification=3000', SUBGRAPH_BREAKER_PERCENT: '0' });
});
afterAll(() => gateway.stop());

const ask = (url = gateway.graphql) => graphql(user, QUERY, { id }, {}, url);
const whole = () => eventually(async () => expect((await ask()).errors).toBeUndefined());
/** Ten queries, each another. */
const askMany = () =>
  Promise.all(
    Array.from({ length: 10 }, (_, i) => ok(user, `{ tasks(first: ${i + 1}) { nodes { id } } }`, {}, gateway.graphql)),
  );
const othersData = () => ({ tasks: { nodes: [{ id, reminders: [] }] }, task: null });

const action = (act: typeof stopPart, part: string) => () => act(DATA, part);

describe('of a subgraph that fails, the others’ data comes with one typed error, in time:', () => {
  it.each([
    ['the app stopped', action(stopPart, APP), action(startPart, APP), 'unreachable', /connection refused/],
    ['the app killed', action(killPart, APP), action(startPart, APP), 'unreachable', /connection refused/],
    ['the app frozen', action(pausePart, APP), action(resumePart, APP), 'timeout', /abort|within/],
    [
      'its sidecar stopped',
      action(stopPart, SIDECAR),
      action(startPart, SIDECAR),
      'unreachable',
      /Unavailable|refused/,
    ],
    ['its sidecar killed', action(killPart, SIDECAR), action(startPart, SIDECAR), 'unreachable', /Unavailable|refused/],
    ['its sidecar frozen', action(pausePart, SIDECAR), action(resumePart, SIDECAR), 'timeout', /abort|within/],
  ])('%s', async (_name, harm, mend, kind, cause) => {
    await whole();
    gateway.log.length = 0;
    await harm();
    try {
      const started = Date.now();
      const { status, data, errors } = await ask();
      expect(Date.now() - started).toBeLessThan(DAPR_LIMIT_MS);
      expect(status).toBe(200);
      expect(data).toEqual(othersData());
      expect(errors).toEqual([
        {
          message: expect.stringMatching(/^the subgraph notification is unavailable: it /),
          extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'notification', traceId: expect.any(String) },
        },
      ]);
      expect(JSON.stringify(errors)).not.toMatch(INTERNALS);
      const { traceId } = errors?.[0]?.extensions ?? {};
      await eventually(async () =>
        expect(gateway.log).toContainEqual(
          expect.objectContaining({
            msg: 'subgraph failed',
            kind,
            traceId,
            err: expect.objectContaining({ message: expect.stringMatching(cause) }),
          }),
        ),
      );
    } finally {
      await mend();
    }
  });
  afterAll(whole);
});

it('a call that access control denies is FORBIDDEN, and the others’ data comes along', async () => {
  const denied = await startOwnGateway({}, (sdl) =>
    sdl.replace('/invoke/notification-service/method/graphql', '/invoke/notification-service/method/other'),
  );
  try {
    const { data, errors } = await ask(denied.graphql);
    expect(data).toEqual(othersData());
    expect(errors).toEqual([
      {
        message: 'the subgraph notification denied the call: the gateway is not allowed to call it',
        extensions: { code: 'FORBIDDEN', service: 'notification', traceId: expect.any(String) },
      },
    ]);
  } finally {
    await denied.stop();
  }
});

it('an open breaker answers at once, and closes when the subgraph is back', async () => {
  const guarded = await startOwnGateway({
    SUBGRAPH_BREAKER_MIN_CALLS: '3',
    SUBGRAPH_BREAKER_OPEN_MS: '500',
    SUBGRAPH_TIMEOUTS: 'notification=3000',
  });
  try {
    await stopPart(DATA, APP);
    await eventually(async () => {
      const { data, errors } = await ask(guarded.graphql);
      expect(data).toEqual(othersData());
      expect(errors?.[0]?.message).toMatch(/failed too often/);
      expect(errors?.[0]?.extensions['code']).toBe('SUBGRAPH_UNAVAILABLE');
    });
    await startPart(DATA, APP);
    await eventually(async () => expect((await ask(guarded.graphql)).errors).toBeUndefined());
    const states = () => guarded.log.filter(({ msg }) => msg === 'circuit breaker changed').map(({ state }) => state);
    // The log is another stream than the answer: its last line may come later.
    await eventually(async () => {
      expect(states()[0]).toBe('open');
      expect(states().slice(-2)).toEqual(['half-open', 'closed']);
    });
  } finally {
    await startPart(DATA, APP);
    await guarded.stop();
  }
});

it('without its own sidecar the gateway says so at once, and goes on when that is back', async () => {
  await whole();
  await stopPart(DATA, 'api-gateway-dapr');
  try {
    const { data, errors } = await ask();
    expect(data).toBeNull();
    expect(errors).toEqual([
      {
        message: 'the subgraph task is unavailable: it cannot be reached',
        extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'task', traceId: expect.any(String) },
      },
    ]);
  } finally {
    await startPart(DATA, 'api-gateway-dapr');
  }
  await whole();
});

it('a sidecar that starts anew is not noticed', async () => {
  const before = await askMany();
  await restartPart(DATA, 'api-gateway-dapr');
  expect(await askMany()).toEqual(before);
});

it('headers as large as the gateway sends them reach a subgraph', async () => {
  const { daprHttpPort, daprApiToken } = app('api-gateway');
  const claims = { sub: user.id, scopes: [], claims: { groups: 'x'.repeat(10_300) } };
  const headers = {
    'content-type': 'application/json',
    'dapr-api-token': daprApiToken,
    'x-identity': encodeIdentity(claims),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };
  const bytes = Object.entries(headers).flat().join('').length;
  expect(bytes).toBeGreaterThan(13_900);
  const response = await fetch(`http://127.0.0.1:${daprHttpPort}/v1.0/invoke/task-service/method/graphql`, {
    method: 'POST',
    headers,
    body: '{"query":"{ me { id } }"}',
  });
  expect(await response.json()).toEqual({ data: { me: { id: user.id } } });
});
