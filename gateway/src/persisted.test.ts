import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestGateway, type TestGateway } from './testing/gateway.ts';
import { transports } from './testing/transports.ts';

let stage: TestGateway;
let off: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway();
  off = await startTestGateway({ PERSISTED_OPERATIONS: 'off' });
});
afterAll(() => Promise.all([stage.stop(), off.stop()]));

const persisted = (query: string) => ({
  persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') },
});
const ada = { data: { me: { id: 'u1' } } };

describe.each(transports)('over %s', (name, send) => {
  test('an operation is asked for by its hash, once it was sent with it', async () => {
    const query = `query ${name.replace(/\W/g, '')} { me { id } }`;
    const extensions = persisted(query);
    const unknown = await send(stage, { extensions });
    expect(unknown.errors).toEqual([
      { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
    ]);
    expect(await send(stage, { query, extensions })).toEqual(ada);
    expect(await send(stage, { extensions })).toEqual(ada);
    // What one transport learned, all know.
    for (const [, other] of transports) expect(await other(stage, { extensions })).toEqual(ada);
  });

  test('a hash of something else registers nothing', async () => {
    const extensions = persisted(`${name} else`);
    const [error] = (await send(stage, { query: '{ me { id } }', extensions })).errors ?? [];
    expect(error).toEqual({ message: 'provided sha does not match query', extensions: { code: 'BAD_REQUEST' } });
    expect((await send(stage, { extensions })).errors?.[0]?.message).toBe('PersistedQueryNotFound');
  });

  test('nothing is kept where it is switched off', async () => {
    const query = '{ me { id } }';
    expect((await send(off, { query, extensions: persisted(query) })).errors?.[0]?.extensions['code']).toBe(
      'PERSISTED_QUERY_NOT_SUPPORTED',
    );
    expect(await send(off, { query })).toEqual(ada);
  });
});

test('over GET, as Apollo Client does it: not found is 200 and stays in no cache, then the operation is answered', async () => {
  const query = 'query Get { me { id } }';
  const get = async (params: Record<string, string>) => {
    const search = new URLSearchParams({ extensions: JSON.stringify(persisted(query)), ...params });
    const headers = { authorization: `Bearer ${await stage.issuer.token()}`, 'apollo-require-preflight': 'true' };
    const response = await fetch(`${stage.gateway.url}/graphql?${search}`, { headers });
    return [response.status, await response.json(), response.headers.get('cache-control')];
  };
  expect(await get({})).toEqual([
    200,
    { errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] },
    'private, no-cache, must-revalidate',
  ]);
  expect((await get({ query })).slice(0, 2)).toEqual([200, ada]);
  expect((await get({})).slice(0, 2)).toEqual([200, ada]);
});
