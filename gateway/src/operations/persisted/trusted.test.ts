import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startGateway } from '../../gateway.ts';
import { testContext } from '../../testing/context.ts';
import { eventually, startTestGateway, type TestGateway } from '../../testing/gateway.ts';
import { replaceFile } from '../../testing/replace-file.ts';
import { transports } from '../../testing/transports.ts';
import { readDocuments } from './documents.ts';

const ME = 'query Me { me { id } }';
const NAMES = 'query Names { users { name } }';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const manifest = (...bodies: string[]): string =>
  JSON.stringify({
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: bodies.map((body) => ({ id: sha256(body), name: 'N', type: 'query', body })),
  });
const byHash = (hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: hash } } });

let directory: string;
let file: string;
let stage: TestGateway;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'documents-'));
  file = join(directory, 'documents.json');
  await writeFile(file, manifest(ME));
  stage = await startTestGateway({ PERSISTED_OPERATIONS: 'trusted', TRUSTED_DOCUMENTS: file });
});
afterAll(async () => {
  await stage.stop();
  await rm(directory, { recursive: true });
});

const ada = { data: { me: { id: 'u1' } } };

describe.each(transports)('over %s', (_name, send) => {
  test.each([
    ['its hash', byHash(sha256(ME))],
    ['its id', { documentId: sha256(ME) }],
    ['its id with how it was made', { documentId: `sha256:${sha256(ME)}` }],
    ['its text', { query: ME }],
    ['its text and hash', { query: ME, ...byHash(sha256(ME)) }],
  ])('a trusted document is answered by %s', async (_what, params) => {
    expect(await send(stage, params)).toEqual(ada);
  });

  test.each([
    ['another text', { query: '{ me { id } }' }, 'QUERY_NOT_IN_SAFELIST'],
    ['another text under a trusted hash', { query: '{ me { id } }', ...byHash(sha256(ME)) }, 'QUERY_NOT_IN_SAFELIST'],
    ['an unknown hash', byHash(sha256('{ me { id } }')), 'PERSISTED_QUERY_NOT_IN_LIST'],
    [
      'a hash that is no text',
      { extensions: { persistedQuery: { sha256Hash: { toString: 1 } } } },
      'PERSISTED_QUERY_NOT_IN_LIST',
    ],
    ['an unknown id', { documentId: '__proto__' }, 'PERSISTED_QUERY_NOT_IN_LIST'],
    ['a hash that would register', { query: NAMES, ...byHash(sha256(NAMES)) }, 'PERSISTED_QUERY_NOT_IN_LIST'],
  ])('%s is refused', async (_what, params, code) => {
    stage.received.length = 0;
    const { data, errors } = await send(stage, params);
    expect([data, errors?.[0]?.extensions['code'], stage.received.length]).toEqual([undefined, code, 0]);
  });
});

test('a changed list is taken over; what is no list is not', async () => {
  const http = transports[0]?.[1] as (typeof transports)[0][1];
  await replaceFile(file, JSON.stringify({ me: ME, names: NAMES }));
  await eventually(async () => (await http(stage, { documentId: 'names' })).errors === undefined);
  const errors: unknown[] = [];
  const { logger } = stage.context;
  logger.error = ((problem: unknown) => errors.push(problem)) as typeof logger.error;
  await replaceFile(file, '{"format":"apollo-persisted-query-manifest"}');
  await eventually(() => errors.length > 0);
  expect(await http(stage, { documentId: 'names' })).toHaveProperty('data.users');
  // A document that the graph cannot answer is told of, and the others are served.
  await replaceFile(file, JSON.stringify({ me: ME, wrong: '{ nothing }' }));
  await eventually(() => errors.some((problem) => (problem as { id?: string }).id === 'wrong'));
  expect(await http(stage, { documentId: 'me' })).toEqual(ada);
  await replaceFile(file, manifest(ME));
  await eventually(async () => (await http(stage, { documentId: 'me' })).errors !== undefined);
});

test('a list that is none keeps the gateway from starting', async () => {
  const other = join(directory, 'bad.json');
  await writeFile(other, '[]');
  const { config } = stage.context;
  const context = testContext({
    PERSISTED_OPERATIONS: 'trusted',
    TRUSTED_DOCUMENTS: other,
    SUPERGRAPH: config.SUPERGRAPH,
  });
  await expect(startGateway(context)).rejects.toThrow(/bad\.json is no list of trusted documents/);
});

test.each([
  ['no JSON', 'x'],
  ['an empty body', '{"a":""}'],
  ['another version', manifest(ME).replace('"version":1', '"version":2')],
  ['an operation without a body', manifest(ME).replace('"body"', '"text"')],
  ['an id for two documents', manifest(ME, NAMES).replaceAll(sha256(NAMES), sha256(ME))],
])('a list with %s is refused', (_what, json) => {
  expect(() => readDocuments(json)).toThrow(/JSON|neither|two documents/);
});
