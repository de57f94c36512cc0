import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { eventually, startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { total } from '../testing/metrics.ts';
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

type Body = { data?: unknown; errors?: { message: string; path?: unknown[]; extensions: Record<string, unknown> }[] };
/** `undefined` is anonymous; else a token with these scopes. */
async function ask(query: string, scopes?: string): Promise<Body> {
  const headers: Record<string, string> = {};
  if (scopes !== undefined) headers['authorization'] = `Bearer ${await stage.issuer.token({ scope: scopes })}`;
  return (await stage.query(query, headers)).body as Body;
}
const places = ({ errors }: Body) =>
  (errors ?? []).map(({ path, extensions: { code, coordinate } }) => [path?.join('.'), code, coordinate]);
const asked = (): string => stage.received.map(({ query }) => query).join('\n');

describe('what the caller may not see', () => {
  test('is null, never fetched, and told with its place', async () => {
    const body = await ask('{ open(text: "x") mine: secret me { name ssn } }', 'read');
    expect(body).toEqual({
      data: { open: 'x', mine: null, me: { name: 'Ada', ssn: expect.stringContaining(MEMBERS) } },
      errors: [
        {
          message: 'your access token does not permit Query.secret',
          path: ['mine'],
          extensions: { code: 'FORBIDDEN', coordinate: 'Query.secret' },
        },
      ],
    });
    expect(asked()).not.toContain('secret');
  });

  test('makes null what holds it, where it must not be null', async () => {
    const body = await ask('{ me { name ssn } users { name next { strictWeight } } }');
    expect(body.data).toEqual({
      me: null,
      users: [
        { name: 'Ada', next: null },
        { name: 'Ben', next: null },
      ],
    });
    expect(places(body)).toEqual([
      ['me.ssn', 'UNAUTHENTICATED', 'User.ssn'],
      ['users.0.next.strictWeight', 'UNAUTHENTICATED', 'User.strictWeight'],
    ]);
    expect(await ask('{ strict open }')).toMatchObject({ data: null, errors: [{ path: ['strict'] }] });
  });

  test('is told once for each selection, where it was first withheld', async () => {
    const body = await ask('{ users { a: weight b: weight next { weight } } }', '');
    expect(places(body)).toEqual([
      ['users.0.a', 'FORBIDDEN', 'User.weight'],
      ['users.0.b', 'FORBIDDEN', 'User.weight'],
      ['users.0.next.weight', 'FORBIDDEN', 'User.weight'],
    ]);
  });

  test('is not told of where there is nothing to withhold', async () => {
    expect(await ask('{ item(id: "none") { body } secret @skip(if: true) }')).toEqual({ data: { item: null } });
  });

  test('is answered for whoever may see it', async () => {
    const query = '{ secret vault { gold } me { postage doublePostage parcel { label } } items { body rating } }';
    const { data, errors } = await ask(query, 'admin weight body rating');
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data).match(new RegExp(SECRET, 'g'))).toHaveLength(9);
    expect((await ask('{ secret }', 'secrets read')).data).toEqual({ secret: SECRET });
  });

  test('is there for introspection', async () => {
    const body = await ask('{ __type(name: "Sealed") { fields { name } } secret }');
    expect(body.data).toMatchObject({ __type: { fields: expect.arrayContaining([{ name: 'seal' }]) }, secret: null });
  });

  test('needs no variables, and gets none', async () => {
    const query =
      'query ($hint: String, $deep: Int, $text: String) { secret(hint: $hint, dig: { deep: $deep }) open(text: $text) }';
    const response = await fetch(`${stage.gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { hint: 'h', deep: 1, text: 't' } }),
    });
    expect(await response.json()).toMatchObject({ data: { secret: null, open: 't' } });
    expect(stage.received).toHaveLength(1);
    expect(stage.received[0]).toMatchObject({ query: expect.not.stringContaining('hint'), variables: { text: 't' } });
  });
});

describe('objects of an interface or a union', () => {
  test('are null where their type is protected', async () => {
    const body = await ask('{ items { title } }');
    expect(body.data).toEqual({ items: [{ title: 'one' }, null, { title: 'three' }] });
    expect(places(body)).toEqual([['items.1', 'UNAUTHENTICATED', 'Query.items']]);
    expect((await ask('{ items { title } }', '')).data).toMatchObject({ items: { length: 3 } });
  });

  test('make their list null where its elements must not be', async () => {
    const body = await ask('{ strictItems { id } }');
    expect([body.data, places(body)]).toEqual([
      { strictItems: null },
      [['strictItems.1', 'UNAUTHENTICATED', 'Query.strictItems']],
    ]);
  });

  test('lack a field where their type protects it', async () => {
    const body = await ask('{ items { __typename body } }', '');
    expect(body.data).toEqual({
      items: [
        { __typename: 'Open', body: 'text' },
        { __typename: 'Sealed', body: `${MEMBERS} body` },
        { __typename: 'Partly', body: null },
      ],
    });
    expect(places(body)).toEqual([['items.2.body', 'FORBIDDEN', 'Item.body']]);
  });

  test('have their real type, though a subgraph has the interface as an object', async () => {
    const body = await ask('{ popular { views title } }');
    expect(body.data).toEqual({ popular: [{ views: 7, title: 'one' }, null, { views: 7, title: 'three' }] });
    expect((await ask('{ popular { views } }')).data).toEqual({ popular: [{ views: 7 }, null, { views: 7 }] });
    expect((await ask('{ popular { views rating } }', '')).data).toMatchObject({
      popular: [{ views: 7, rating: null }, {}, {}],
    });
  });
});

test('what a field is computed from protects it, though the supergraph does not say so on it', async () => {
  const body = await ask('{ me { name postage doublePostage parcel { id label } } }', '');
  expect(body.data).toEqual({
    me: { name: 'Ada', postage: null, doublePostage: null, parcel: { id: 'u1', label: null } },
  });
  expect(asked()).not.toMatch(/weight|postage|label/i);
});

test('a protected key that only leads to another subgraph stays with the gateway', async () => {
  expect(await ask('{ me { name nick } }')).toEqual({ data: { me: { name: 'Ada', nick: 'nick' } } });
});

describe('a mutation', () => {
  test.each([
    ['wipe', 'mutation { wipe note(text: "x") }', { wipe: null, note: 'x' }],
    [
      'openVault, for what it returns',
      'mutation { openVault { gold } note(text: "x") }',
      { openVault: null, note: 'x' },
    ],
    [
      'unseal, for what it can only return',
      'mutation { unseal { __typename } note(text: "x") }',
      { unseal: null, note: 'x' },
    ],
  ])('that is protected never runs: %s', async (_what, query, data) => {
    const body = await ask(query);
    expect(body.data).toEqual(data);
    expect(body.errors).toHaveLength(1);
    expect(asked()).not.toMatch(/wipe|openVault|unseal/);
  });

  test('runs for whoever may', async () => {
    expect((await ask('mutation { wipe }', 'admin')).data).toEqual({ wipe: SECRET });
  });
});

const connect = (token?: string, webSocketImpl: unknown = WebSocket) =>
  createClient({
    url: `${stage.gateway.url.replace('http', 'ws')}/graphql`,
    webSocketImpl,
    connectionParams: token === undefined ? {} : { token },
    retryAttempts: 0,
  });
const open = (): Promise<number> => total(stage.context.metrics.subscribers);

describe('a subscription', () => {
  test('of a protected field is refused', async () => {
    const client = connect(await stage.issuer.token());
    const results = client.iterate({ query: 'subscription { watched { id } }' });
    await expect(results.next()).rejects.toMatchObject([
      { message: 'your access token does not permit Subscription.watched', extensions: { code: 'FORBIDDEN' } },
    ]);
    await client.dispose();
  });

  test('leaves out what is protected, of the event and of the subgraphs', async () => {
    const client = connect();
    const results = client.iterate({
      query: 'subscription { changed { id by user { name weight items: next { weight } } } }',
    });
    const first = results.next();
    await eventually(async () => (await open()) === 1);
    await stage.sidecar.deliver('changed', { id: 'e1', type: 'changed', data: { by: SECRET, user: { id: 'u1' } } });
    const { value } = (await first) as unknown as { value: Body };
    expect(value.data).toEqual({
      changed: { id: 'e1', by: null, user: { name: 'Ada', weight: null, items: { weight: null } } },
    });
    expect(places(value)).toEqual([
      ['changed.by', 'UNAUTHENTICATED', 'Changed.by'],
      ['changed.user.weight', 'UNAUTHENTICATED', 'User.weight'],
      ['changed.user.items.weight', 'UNAUTHENTICATED', 'User.weight'],
    ]);
    expect(asked()).not.toContain('weight');
    await client.dispose();
    await eventually(async () => (await open()) === 0);
  });

  test('goes by the token that the client has by now', async () => {
    const sockets: WebSocket[] = [];
    class Kept extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols);
        sockets.push(this);
      }
    }
    const client = connect(await stage.issuer.token({ scope: 'watch' }), Kept);
    const results = client.iterate({ query: 'subscription { changed { id by } }' });
    const first = results.next();
    await eventually(async () => (await open()) === 1);
    await stage.sidecar.deliver('changed', { id: 'e2', type: 'changed', data: { by: 'someone' } });
    expect(await first).toMatchObject({ value: { data: { changed: { id: 'e2', by: 'someone' } } } });
    const second = results.next();
    const ponged = new Promise((resolve) => client.on('pong', resolve));
    sockets[0]?.send(JSON.stringify({ type: 'ping', payload: { token: await stage.issuer.token() } }));
    await ponged;
    await stage.sidecar.deliver('changed', { id: 'e3', type: 'changed', data: { by: 'someone' } });
    expect(await second).toMatchObject({ value: { data: { changed: { id: 'e3', by: null } } } });
    await client.dispose();
    await eventually(async () => (await open()) === 0);
  });
});
