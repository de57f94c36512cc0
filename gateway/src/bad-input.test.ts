import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { events } from './testing/events.ts';
import { startTestGateway, type TestGateway } from './testing/gateway.ts';
import { FEDERATION, type TestSubgraph } from './testing/subgraphs.ts';
import { transports } from './testing/transports.ts';

let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway({
    NODE_ENV: 'production',
    CORS_ORIGINS: 'https://app.test',
    PROPAGATE_HEADERS: 'x-tenant',
  });
});
afterAll(() => stage.stop());

const QUERY = '{"query":"{ me { id } }"}';
const post = async (body: string | Buffer, headers: Record<string, string> = {}): Promise<[number, string]> => {
  const response = await fetch(`${stage.gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await stage.issuer.token()}`, ...headers },
    body: body as string,
  });
  return [response.status, await response.text()];
};
const preflight = async (origin: string) =>
  fetch(`${stage.gateway.url}/graphql`, { method: 'OPTIONS', headers: { origin } });
const ok = [200, '{"data":{"me":{"id":"u1"}}}\n'];

describe('a body', () => {
  test.each<[what: string, body: string | Buffer, headers?: Record<string, string>]>([
    ['that is empty', ''],
    ['of an empty object', '{}'],
    ['that is a string', '"{ me { id } }"'],
    ['that is null', 'null'],
    ['that is no UTF-8', Buffer.from(QUERY.replace('me', 'm\xff'), 'latin1')],
    ['whose query is a number', '{"query":1}'],
    ['whose query is null', '{"query":null}'],
    ['whose variables are text', '{"query":"{ me { id } }","variables":"{}"}'],
    ['whose variables are a list', '{"query":"{ me { id } }","variables":[]}'],
    ['whose operation name is an object', '{"query":"{ me { id } }","operationName":{}}'],
    ['whose extensions are a list', '{"query":"{ me { id } }","extensions":[1]}'],
    ['with a prototype', '{"query":"{ me { id } }","__proto__":{}}'],
    ['with a constructor’s prototype', '{"query":"{ me { id } }","variables":{"constructor":{"prototype":{}}}}'],
    ['nested without end', `{"query":"{ me { id } }","variables":{"a":${'['.repeat(100_000)}`],
    [
      'nested a hundred thousand times',
      `{"variables":{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}},"query":"{ me { id } }"}`,
    ],
  ])('%s is refused with 400', async (...[, body, headers]) => {
    const [status, text] = await post(body, headers);
    expect([status, text]).toEqual([400, expect.stringMatching(/^\{"errors":\[\{"message":"[^"]/)]);
  });

  test.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/graphql'],
    ['nonsense'],
  ])('of type %s is refused with 415', async (type) => {
    expect((await post(QUERY, { 'content-type': type }))[0]).toBe(415);
  });

  test('with a byte order mark, or a key twice, is taken', async () => {
    expect(await post(`\uFEFF${QUERY}`)).toEqual(ok);
    expect(await post('{"query":"{ nothing }","query":"{ me { id } }"}')).toEqual(ok);
  });
});

test.each(transports)('over %s, a subscription whose only field may be skipped is not valid', async (_name, send) => {
  const query = 'subscription ($x: Boolean = true) { announced @include(if: $x) { id } }';
  const { errors } = await send(stage, { query });
  expect(errors).toEqual([
    expect.objectContaining({
      message: expect.stringContaining('must not use `@skip` or `@include`'),
      extensions: expect.objectContaining({ code: 'GRAPHQL_VALIDATION_FAILED' }),
    }),
  ]);
});

describe.each(transports)('over %s, names that every object has', (_name, send) => {
  test.each([
    ['alias', '{ NAME: me { NAME: id } }'],
    ['operation name', 'query NAME { NAME: me { NAME: id } }'],
    ['fragment name', '{ NAME: me { ...NAME } } fragment NAME on User { NAME: id }'],
    ['variable name', 'query ($NAME: ID = "u1") { NAME: user(id: $NAME) { NAME: id } }'],
  ])('are answered as any other: %s', async (_what, query) => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
      const { data } = await send(stage, { query: query.replaceAll('NAME', name) });
      expect(JSON.stringify(data)).toBe(`{"${name}":{"${name}":"u1"}}`);
    }
  });

  test('name no field, type or argument', async () => {
    for (const query of [
      '{ constructor }',
      '{ ... on toString { id } }',
      '{ me(valueOf: 1) { id } }',
      '{ ...__proto__ }',
    ])
      expect((await send(stage, { query })).errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});

test.each(transports)('over %s, a condition that is null is refused before anything is asked', async (_name, send) => {
  stage.received.length = 0;
  const query = 'query ($yes: Boolean = true) { me { name @include(if: $yes) } }';
  const { errors } = await send(stage, { query, variables: { yes: null } });
  expect(errors).toMatchObject([
    { message: expect.stringContaining('@include'), extensions: { code: 'BAD_USER_INPUT' } },
  ]);
  expect(stage.received).toEqual([]);
});

describe('a number that is larger than any that can be passed on', () => {
  const loose: TestSubgraph = {
    name: 'loose',
    typeDefs: `${FEDERATION} scalar Anything type Query { echo(of: Anything): String }`,
    resolvers: { Query: { echo: (_parent: unknown, { of }: { of: unknown }) => JSON.stringify(of) } },
  };
  let other: TestGateway;
  beforeAll(async () => {
    other = await startTestGateway({}, false, [loose, events]);
  });
  afterAll(() => other.stop());

  test.each([
    ['as a literal', 'GRAPHQL_VALIDATION_FAILED', '{"query":"{ echo(of: [{ x: 1e400 }]) }"}'],
    ['as a whole number', 'GRAPHQL_VALIDATION_FAILED', `{"query":"{ echo(of: -1${'0'.repeat(400)}) }"}`],
    [
      'in variables',
      'BAD_USER_INPUT',
      '{"query":"query ($v: Anything) { echo(of: $v) }","variables":{"v":[{"x":-1e400}]}}',
    ],
  ])('is refused: %s', async (_what, code, body) => {
    other.received.length = 0;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await other.issuer.token()}` };
    const response = await fetch(`${other.gateway.url}/graphql`, { method: 'POST', headers, body });
    expect([response.status, await response.json()]).toEqual([
      400,
      { errors: [expect.objectContaining({ extensions: { code } })] },
    ]);
    expect(other.received).toEqual([]);
  });

  test('is passed on where it is the largest that there is', async () => {
    expect((await other.query('{ echo(of: 1.7976931348623157e308) }')).body).toEqual({
      data: { echo: '1.7976931348623157e+308' },
    });
  });
});

describe('a page', () => {
  test('of a listed origin may send what clients send, and what is passed on', async () => {
    const { status, headers } = await preflight('https://app.test');
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, 'https://app.test']);
    const allowed = headers.get('access-control-allow-headers')?.split(', ');
    expect(allowed).toEqual(
      expect.arrayContaining([
        'authorization',
        'content-type',
        'apollo-require-preflight',
        'last-event-id',
        'x-tenant',
      ]),
    );
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  test.each([
    'null',
    'https://evil.test',
    'https://app.test.evil.test',
    'https://studio.apollographql.com',
    'http://app.test',
  ])('of %s may not', async (origin) => {
    const { status, headers } = await preflight(origin);
    expect([status, headers.get('access-control-allow-origin')]).toEqual([403, null]);
    const stream = await post(QUERY, { origin, accept: 'text/event-stream' });
    expect(stream[0]).toBe(403);
  });
});
