import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { guarded, MEMBERS, SECRET, withoutRepeatedScopes } from '../testing/guarded.ts';

let stage: TestGateway;
beforeAll(async () => {
  const settings = { AUTH: 'optional', RATE_LIMIT_PER_MINUTE: '100000' };
  stage = await startTestGateway(settings, false, guarded, withoutRepeatedScopes);
});
afterAll(() => stage.stop());
beforeEach(() => {
  stage.received.length = 0;
});

type Claims = Record<string, unknown>;
const headersFor = async (claims?: Claims): Promise<Record<string, string>> =>
  claims ? { authorization: `Bearer ${await stage.issuer.token(claims)}` } : {};
const post = async (body: unknown, claims?: Claims, headers: Record<string, string> = {}): Promise<string> => {
  const response = await fetch(`${stage.gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await headersFor(claims)), ...headers },
    body: JSON.stringify(body),
  });
  return response.text();
};
const OF_SCOPES =
  /\b(?:secret|level|vault|gold|wipe|openVault|weight|strictWeight|postage|doublePostage|rating|label)\b(?!:)/;
const OF_MEMBERS = /\b(?:ssn|strict|code|unseal|seal)\b(?!:)/;

/** What protected things were shown, fetched or run; `fetched` says what may have been, as a key of the planner's. */
function gained(text: string, isMember = false, fetched = /$^/): string[] {
  const asked = stage.received.filter(({ query }) => !fetched.test(query));
  const texts = [text, ...asked.map(({ answer }) => JSON.stringify(answer))];
  return [
    ...texts.filter((shown) => shown.includes(SECRET) || (!isMember && shown.includes(MEMBERS))),
    ...asked
      .map(({ query }) => query)
      .filter((query) => OF_SCOPES.test(query) || (!isMember && OF_MEMBERS.test(query))),
  ];
}

const queries: [what: string, query: string, variables?: Record<string, unknown>][] = [
  ['plainly', '{ secret code level strict vault { gold } }'],
  ['under the name of an open field', '{ open: secret me { name: ssn } }'],
  ['beside an open field of the same name', '{ me { name } me { ssn } me { name weight } }'],
  ['in an inline fragment', '{ ... { secret } ... on Query { secret ... { code } } }'],
  [
    'in fragments in fragments',
    '{ ...A } fragment A on Query { ...B me { ...C } } fragment B on Query { secret } fragment C on User { ssn ...D } fragment D on User { weight }',
  ],
  [
    'in a fragment spread twice',
    '{ a: me { ...F } b: users { ...F } } fragment F on User { next { ...G } } fragment G on User { weight ssn }',
  ],
  [
    'by an inclusion that holds',
    'query ($yes: Boolean!) { secret @include(if: $yes) me @skip(if: false) { ssn @include(if: true) } }',
    { yes: true },
  ],
  [
    'by a skipping beside a selection',
    'query ($no: Boolean! = false) { secret @skip(if: true) secret @skip(if: $no) }',
  ],
  [
    'by a condition on a spread',
    'query ($yes: Boolean!) { ...F @include(if: $yes) } fragment F on Query { vault { gold } }',
    { yes: true },
  ],
  ['by the type’s name alone', '{ vault { __typename } code item(id: "i2") { __typename } }'],
  ['through an interface', '{ items { title body seal: owner { ssn } } }'],
  ['through an interface, by the type', '{ items { ... on Sealed { title seal } ... on Partly { body } } }'],
  [
    'through a wider type',
    '{ items { ... on Sealed { ... on Item { title } } ... on Partly { ... on Item { body } } } }',
  ],
  [
    'through an interface in a type',
    '{ found { ... on Item { title body owner { weight } } ... on User { ssn weight } } }',
  ],
  ['through a union', '{ found { ... on Sealed { seal title } ... on Partly { body } ... on User { next { ssn } } } }'],
  ['through lists in objects', '{ items { related { related { body title owner { next { ssn } } } } } }'],
  ['through a single object', '{ item(id: "i2") { title body } other: item(id: "i3") { body } }'],
  ['through an interface that a subgraph has as an object', '{ popular { views rating title body } }'],
  ['through that, by the type', '{ popular { ... on Sealed { views title } ... on Open { rating } } }'],
  ['what is computed from it', '{ me { postage doublePostage parcel { label } } }'],
  ['what is computed from it, under open names', '{ me { id: postage name: doublePostage parcel { id: label } } }'],
  ['an open field as what is required', '{ me { weight: name postage parcel { label } } }'],
  [
    'a type’s name of one’s own choice',
    '{ items { __typename: id title body } found { __typename: __typename ... on Sealed { title } } }',
  ],
  ['a type’s name under an alias', '{ items { t: __typename ... on Sealed { u: __typename } } }'],
  [
    'one field for another’s name',
    '{ items { ... on Open { k: note } ... on Sealed { k: seal } ... on Partly { k: body } } }',
  ],
  ['a mutation', 'mutation { wipe }'],
  [
    'a mutation among others',
    'mutation { a: note(text: "x") b: wipe(text: "x") c: note(text: "y") ...F } fragment F on Mutation { wipe }',
  ],
  [
    'a mutation by what it returns',
    'mutation { openVault { __typename } unseal { __typename ... on Sealed { title } } }',
  ],
  ['names of prototypes', '{ constructor: secret toString: code me { hasOwnProperty: ssn valueOf: weight } }'],
  [
    'what only subgraphs are asked',
    '{ _entities(representations: [{ __typename: "User", id: "u1" }]) { ... on User { ssn } } _service { sdl } }',
  ],
];

describe.each<[string, Claims | undefined]>([
  ['anonymous', undefined],
  ['of other scopes', { scope: 'read secret secretsread adminx Admin admin,weight weight.read admin:all body-rating' }],
  [
    'with scopes in other claims',
    { scopes: ['admin'], scp: 'admin', roles: ['admin'], identity: { scopes: ['admin'] } },
  ],
  ['with scopes that are no text', { scope: ['admin', 'weight', 'body', 'rating', 'level'] }],
])('a caller %s gains nothing', (_who, claims) => {
  test.each(queries)('by asking for it %s', async (_what, query, variables = {}) => {
    expect(gained(await post({ query, variables }, claims), claims !== undefined)).toEqual([]);
  });
});

test.each([
  '{ me { ssn: name nick } }',
  '{ me { nick ssn: name } users { nick ssn: id } }',
  '{ me { nick ... on User { ssn: name } } }',
  '{ me { nick ...F } } fragment F on User { ssn: name }',
  '{ found { ... on User { ssn: name nick } } }',
])('a key that the planner fetches is not to be had as %s', async (query) => {
  expect(gained(await post({ query }), false, /ssn|representations/)).toEqual([]);
});

test('one plan is not another caller’s', async () => {
  const query = '{ secret me { weight } items { body } }';
  const all = { scope: 'admin weight body' };
  for (let round = 0; round < 2; round++) {
    expect(await post({ query }, all)).toMatch(SECRET);
    stage.received.length = 0;
    expect(gained(await post({ query }))).toEqual([]);
    expect(await post({ query }, { scope: 'weight' })).toMatch(/"secret":null.*60/);
  }
});

test('one operation of a document is not another', async () => {
  const query = 'query A { open } query B { secret } mutation C { wipe }';
  for (const operationName of ['A', 'B', 'C', 'A']) expect(gained(await post({ query, operationName }))).toEqual([]);
  expect(await post({ query, operationName: 'B' }, { scope: 'admin' })).toContain(SECRET);
});

test('what a client says of itself counts for nothing', async () => {
  const identity = Buffer.from(JSON.stringify({ sub: 'ada', scopes: ['admin'], claims: {} })).toString('base64url');
  const forged = { 'x-identity': identity, 'dapr-caller-app-id': 'gateway', 'x-scopes': 'admin' };
  expect(
    gained(await post({ query: '{ secret }', extensions: { identity, access: null } }, undefined, forged)),
  ).toEqual([]);
});

test('a batch is no way around', async () => {
  expect(gained(await post([{ query: '{ open }' }, { query: '{ secret }' }, { query: 'mutation { wipe }' }]))).toEqual(
    [],
  );
});

test('other transports are no way around', async () => {
  for (const query of ['{ secret me { ssn } items { title } }', 'mutation { wipe }']) {
    expect(gained(await post({ query }, undefined, { accept: 'text/event-stream' }))).toEqual([]);
    const search = new URLSearchParams({ query });
    const got = await fetch(`${stage.gateway.url}/graphql?${search}`, { headers: { 'apollo-require-preflight': '1' } });
    expect(gained(await got.text())).toEqual([]);
    const socket = new WebSocket(`${stage.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const messages: string[] = [];
    const over = new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer) => {
        messages.push(data.toString());
        if (/"type":"(?:complete|error)"/.test(data.toString())) resolve();
      });
    });
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await once(socket, 'message');
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    await over;
    socket.terminate();
    expect(messages.join()).toMatch(/UNAUTHENTICATED/);
    expect(gained(messages.join())).toEqual([]);
  }
});
