import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { parseConfig, serviceConfig } from './config.ts';
import type { Dapr } from './dapr.ts';
import { notFound } from './errors.ts';
import { createEvent } from './events.ts';
import { createLogger } from './logger.ts';
import { startSubgraph, type SubgraphServer } from './server.ts';
import { freePort } from './testing/free-port.ts';
import { startZipkin, type ZipkinServer, type ZipkinSpan } from './testing/zipkin.ts';
import { parseTraceparent } from './traceparent.ts';

const SDL = 'type Query { seen: String, missing: String, broken: String }';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const traceparent = `00-${TRACE}-${PARENT}-01`;

let zipkin: ZipkinServer;
let server: SubgraphServer;
let directory: string;
let url: string;
const handed: (string | undefined)[] = [];
beforeAll(async () => {
  zipkin = await startZipkin();
  directory = await mkdtemp(join(tmpdir(), 'server-'));
  const schemaFile = join(directory, 'schema.graphql');
  await writeFile(schemaFile, SDL);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  server = await startSubgraph({
    config: parseConfig(serviceConfig, {
      APP_ID: 'words',
      APP_PORT: String(port),
      DAPR_HTTP_ENDPOINT: 'http://127.0.0.1:1',
      DAPR_API_TOKEN: 'api',
      APP_API_TOKEN: 'app',
      LOG_LEVEL: 'silent',
      ZIPKIN_URL: zipkin.url,
    }),
    logger: createLogger('test', 'silent'),
    dapr: {} as Dapr,
    schemaFile: pathToFileURL(schemaFile),
    resolvers: {
      Query: {
        seen: (_parent: unknown, _args: unknown, context: { traceparent: string }) => context.traceparent,
        missing: () => {
          throw notFound('it is not there');
        },
        broken: () => {
          throw new Error('a secret');
        },
      },
    },
    createContext: ({ identity, traceparent: given }) => ({ identity, traceparent: given }),
    events: { 'task.reminder': async (event) => void handed.push(event.traceparent) },
  });
  server.ready();
});
afterAll(async () => {
  await server.stop();
  await Promise.all([zipkin.stop(), rm(directory, { recursive: true })]);
});
beforeEach(() => void (zipkin.spans.length = 0));

const ask = async (query: string): Promise<{ data: any; errors?: { extensions: Record<string, unknown> }[] }> => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'dapr-api-token': 'app',
      'dapr-caller-app-id': 'api-gateway',
      traceparent,
    },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Awaited<ReturnType<typeof ask>>;
};
/** Waits for a span. */
async function span(name: string): Promise<ZipkinSpan> {
  const end = Date.now() + 30_000;
  for (;;) {
    const found = zipkin.spans.find((each) => each.name === name);
    if (found) return found;
    if (Date.now() > end) throw new Error(`there is no span ${name}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a request is a span below its caller’s, and events that it causes go on below that', async () => {
  const { data } = await ask('query Look { seen }');
  const request = await span('query');
  expect(request).toMatchObject({
    traceId: TRACE,
    parentId: PARENT,
    name: 'query',
    kind: 'SERVER',
    localEndpoint: { serviceName: 'words' },
    tags: { 'graphql.operation.name': 'Look' },
  });
  expect(parseTraceparent(data.seen)).toEqual({ traceId: TRACE, spanId: request.id, flags: 1 });
});

test('an error that is masked has the trace’s id, an expected one has none', async () => {
  expect((await ask('{ broken }')).errors?.[0]?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', traceId: TRACE });
  expect((await span('query')).tags).toMatchObject({
    'error.type': 'INTERNAL_SERVER_ERROR',
    'otel.status_code': 'ERROR',
  });
  expect((await ask('{ missing }')).errors?.[0]?.extensions).toEqual({ code: 'NOT_FOUND' });
});

test('an event is processed in a span below what caused it, and above what its handler causes', async () => {
  const event = createEvent('task.reminder', {
    source: '/test',
    subject: 't1',
    data: { ownerId: 'ada', reminderId: 'r1', kind: 'DUE', title: 'x', dueAt: '2030-01-01T00:00:00.000Z', version: 1 },
    traceparent,
  });
  // Dapr puts a trace of its own where this is missing.
  expect(event.traceid).toBe(traceparent);
  const response = await fetch(`${url}/events/task.reminder`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json', 'dapr-api-token': 'app' },
    body: JSON.stringify(event),
  });
  expect(await response.json()).toEqual({ status: 'SUCCESS' });
  const processed = await span('process task.reminder');
  expect(processed).toMatchObject({
    traceId: TRACE,
    parentId: PARENT,
    name: 'process task.reminder',
    kind: 'CONSUMER',
  });
  expect(handed.map((text) => parseTraceparent(text)?.spanId)).toEqual([processed.id]);
});
