import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { total } from './testing/metrics.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const byHash = (query: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: sha256(query) } } });
const ANNOUNCED = 'subscription Announced { announced { id } }';

let directory: string;
let apq: TestGateway;
let trusted: TestGateway;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'documents-'));
  const file = join(directory, 'documents.json');
  await writeFile(file, JSON.stringify({ [sha256(ANNOUNCED)]: ANNOUNCED, announced: ANNOUNCED }));
  apq = await startTestGateway();
  trusted = await startTestGateway({ PERSISTED_OPERATIONS: 'trusted', TRUSTED_DOCUMENTS: file });
});
afterAll(async () => {
  await Promise.all([apq.stop(), trusted.stop()]);
  await rm(directory, { recursive: true });
});

type Params = { query?: string; documentId?: string; extensions?: Record<string, unknown> };
type Result = { data?: unknown; errors?: { extensions: { code: string } }[] };
/** Opens a stream: its first result, whenever that comes, and what breaks it off. */
type Open = (stage: TestGateway, params: Params) => Promise<{ first: Promise<Result>; leave: () => void }>;

/** The first result in an answer, in whatever form it comes. */
async function firstIn(response: Response): Promise<Result> {
  let text = '';
  for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (const line of text.split(/\r?\n/).slice(0, -1)) {
      const json = /^(?:data: )?(\{.+\})(?:--graphql)?$/.exec(line)?.[1] ?? '{}';
      const value = JSON.parse(json) as Result & { payload?: Result };
      const result = value.payload ?? value;
      if (result.data || result.errors) return result;
    }
  }
  return JSON.parse(text) as Result;
}

const overPost =
  (accept: string): Open =>
  async (stage, params) => {
    const gone = new AbortController();
    const response = await fetch(`${stage.gateway.url}/graphql`, {
      method: 'POST',
      headers: { accept, 'content-type': 'application/json', authorization: `Bearer ${await stage.issuer.token()}` },
      body: JSON.stringify(params),
      signal: gone.signal,
    });
    return { first: firstIn(response), leave: () => gone.abort() };
  };

const overGet: Open = async (stage, { extensions, ...params }) => {
  const gone = new AbortController();
  const search = new URLSearchParams({ ...params, ...(extensions && { extensions: JSON.stringify(extensions) }) });
  const response = await fetch(`${stage.gateway.url}/graphql?${search}`, {
    headers: { accept: 'text/event-stream', authorization: `Bearer ${await stage.issuer.token()}` },
    signal: gone.signal,
  });
  return { first: firstIn(response), leave: () => gone.abort() };
};

const overWebSocket: Open = async (stage, { query = '', ...params }) => {
  const socket = new WebSocket(`${stage.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { token: await stage.issuer.token() } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, ...params } }));
  const first = once(socket, 'message').then(([data]) => {
    const { type, payload } = JSON.parse(String(data)) as { type: string; payload: unknown };
    return (type === 'error' ? { errors: payload } : payload) as Result;
  });
  return { first, leave: () => socket.terminate() };
};

const subscribers = (stage: TestGateway): Promise<number> => total(stage.context.metrics.subscribers);

let events = 0;
/** Opens a subscription, waits for an event to come through, and leaves; whether what came is that event. */
async function bringsEvent(stage: TestGateway, open: Open, params: Params): Promise<boolean> {
  const { first, leave } = await open(stage, params);
  await eventually(async () => (await subscribers(stage)) === 1);
  const id = `e${++events}`;
  await stage.sidecar.deliver('announced', { id, type: 'a' });
  const { data } = await first;
  leave();
  await eventually(async () => (await subscribers(stage)) === 0);
  return isDeepStrictEqual(data, { announced: { id } });
}

describe.each<[string, Open]>([
  ['server-sent events', overPost('text/event-stream')],
  ['server-sent events by GET', overGet],
  [
    'server-sent events beside JSON, as urql asks for them',
    overPost('application/graphql-response+json, application/json, text/event-stream, multipart/mixed'),
  ],
  [
    'multipart, as Apollo Client asks for it',
    overPost('multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json'),
  ],
  ['WebSocket', overWebSocket],
])('over %s, a subscription', (name, open) => {
  test('is asked for by its hash alone, once it was sent with it', async () => {
    const query = `subscription ${name.replace(/\W/g, '')} { announced { id } }`;
    const { first, leave } = await open(apq, byHash(query));
    expect((await first).errors?.[0]?.extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
    leave();
    expect(await bringsEvent(apq, open, { query, ...byHash(query) })).toBe(true);
    expect(await bringsEvent(apq, open, byHash(query))).toBe(true);
  });

  test.each([
    ['hash', byHash(ANNOUNCED)],
    ['id', { documentId: 'announced' }],
  ])('on the list of trusted documents is asked for by its %s alone', async (_what, params) => {
    expect(await bringsEvent(trusted, open, params)).toBe(true);
  });
});
