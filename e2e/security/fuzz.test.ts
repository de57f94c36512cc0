import { randomUUID } from 'node:crypto';
import { beforeAll, expect } from '@jest/globals';
import fc from 'fast-check';
import { buildClientSchema, getIntrospectionQuery, type GraphQLSchema, type IntrospectionQuery } from 'graphql';
import { sampling, seed } from '@todo/service/testing/sampling';
import { producers } from '@todo/service/topics';
import { eventually } from '../stack/eventually.ts';
import { createTask } from '../stack/graphql.ts';
import { publishBulk } from '../stack/publish.ts';
import { app } from '../stack/ready.ts';
import { subscribe } from '../stack/subscription.ts';
import { attack, expectNothingLeaked, tally } from './tools/attack.ts';
import { connect, type Headers, overHttp, PATIENCE_MS, send } from './tools/client.ts';
import { documents, TASK, values } from './tools/documents.ts';
import { isFull } from './tools/form.ts';
import { type Health, healthOf, pollutionOf, recovered } from './tools/health.ts';
import { someone } from './tools/issuer.ts';

/** So many inputs are tried at once. */
const BATCH = 20;
/** Batches: 2,000 inputs in all, or 20,000. */
const [OF_BODIES, OF_FRAMES, OF_EVENTS] = isFull ? [700, 200, 100] : [70, 20, 10];
const LIMIT_MS = isFull ? 2_400_000 : 240_000;

let schema: GraphQLSchema;
let tokens: string[];
let before: Health;
let turns = 0;
beforeAll(async () => {
  // Users enough that nobody's quota answers.
  tokens = await Promise.all(Array.from({ length: isFull ? 100 : 20 }, async () => (await someone()).token));
  const { data } = await overHttp({ query: getIntrospectionQuery() }, { token: tokens[0] });
  schema = buildClientSchema(data as IntrospectionQuery);
  before = await healthOf();
  process.stdout.write(`fuzzing with TEST_SEED=${seed}\n`);
}, PATIENCE_MS);

const nextToken = (): string => tokens[(turns += 1) % tokens.length] as string;

type Errors = { message: string; extensions?: { code?: string } }[] | undefined;

/** Expects a result, or errors each of which has a code that says whose fault it is. @returns what it was, in a word or two */
function told(result: { data?: unknown; errors?: Errors }, input: unknown): string {
  const codes = (result.errors ?? []).map(({ extensions }) => extensions?.code);
  // The input first: a report of a long difference would leave it out.
  if (codes.some((code) => !code || code === 'INTERNAL_SERVER_ERROR'))
    throw new Error(`${JSON.stringify(input)} was answered with ${JSON.stringify(result)}`);
  if (codes.length === 0) expect([input, result.data]).toEqual([input, expect.anything()]);
  return codes[0] ?? 'a result';
}

function toldByHttp({ status, text }: { status: number; text: string }, input: unknown): string {
  expectNothingLeaked(text);
  let body: { data?: unknown; errors?: Errors };
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    // A stream: each of its results.
    const results = [...text.matchAll(/^(?:data: )?(\{".*\})\s*$/gm)].map(([, json = '']) => JSON.parse(json) as any);
    expect([input, status, text === '' || results.length > 0]).toEqual([input, status, true]);
    return results.map((result) => told(result.payload ?? result, input))[0] ?? `${status}`;
  }
  const what = told(body, input);
  // An answer of 503 has a code that says that it passes.
  if (status >= 500) expect([input, status, what]).toEqual([input, 503, expect.stringMatching(/UNAVAILABLE/)]);
  return what;
}

/** One value, and now and then another. */
const mostly = <T>(value: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: other });
const odd = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => mostly<T | undefined>(undefined, arbitrary);

attack(
  'documents, variables, bodies and headers over HTTP',
  async () => {
    const document = documents(schema);
    const operation = fc.record({
      query: document,
      variables: odd(values),
      operationName: odd(fc.oneof(fc.string(), fc.constantFrom('Q', '__proto__', null))),
      extensions: odd(values),
    });
    const body = fc.oneof(
      { weight: 12, arbitrary: operation.map((given) => JSON.stringify(given)) },
      values.map((value) => JSON.stringify(value)),
      fc.array(operation, { maxLength: 3 }).map((given) => JSON.stringify(given)),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    );
    const oddHeaders = fc.record(
      {
        accept: fc.constantFrom(
          'application/json',
          'application/graphql-response+json',
          'text/event-stream',
          'multipart/mixed;subscriptionSpec=1.0',
          '*/*',
          'x',
          ';;,',
        ),
        'content-type': fc.oneof(
          { weight: 8, arbitrary: fc.constant('application/json') },
          fc.constantFrom('text/plain', 'application/json;charset=x', 'application/json; charset="utf-8"', '/', ''),
        ),
        'idempotency-key': fc.constantFrom('k', ' ', 'x'.repeat(300), '__proto__'),
        'last-event-id': fc.constantFrom('x', '{}', 'AAAA'),
        traceparent: fc.constantFrom('00-x', '00-00000000000000000000000000000000-0000000000000000-01', 'é'),
      },
      { requiredKeys: ['content-type'] },
    );
    const headers = mostly({ 'content-type': 'application/json' } as object, oddHeaders);
    const all: string[] = [];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(body, headers), { minLength: BATCH, maxLength: BATCH }), async (inputs) => {
        const answers = await Promise.all(
          inputs.map(async ([given, more]) =>
            toldByHttp(
              await send({
                headers: { authorization: `Bearer ${nextToken()}`, ...latin(more as Headers) },
                body: given,
              }),
              [String(given), more],
            ),
          ),
        );
        all.push(...answers);
      }),
      { ...sampling(OF_BODIES), endOnFailure: true },
    );
    return tally(all);
  },
  LIMIT_MS,
);

/** Header values are Latin-1. */
const latin = (headers: Headers): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Buffer.from(String(value)).toString('latin1')]),
  );

attack(
  'frames and messages over WebSocket',
  async () => {
    const type = fc.constantFrom(
      'connection_init',
      'subscribe',
      'complete',
      'ping',
      'pong',
      'next',
      'error',
      'connection_ack',
      'x',
      null,
      1,
    );
    const payload = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record(
          { query: documents(schema), variables: values, extensions: values },
          { requiredKeys: ['query'] },
        ),
      },
      values,
    );
    const message = fc.record(
      { type, id: fc.constantFrom('1', '2', '__proto__', '', 1, null), payload },
      { requiredKeys: ['type'] },
    );
    const frame = fc.oneof(
      // An operation as it should be, under an id of its own.
      {
        weight: 8,
        arbitrary: fc
          .record({ id: fc.uuid(), query: documents(schema) })
          .map(({ id, query }): string | Buffer => JSON.stringify({ id, type: 'subscribe', payload: { query } })),
      },
      { weight: 1, arbitrary: message.map((given): string | Buffer => JSON.stringify(given)) },
      values.map((value): string | Buffer => JSON.stringify(value)),
      fc.string({ unit: 'binary', maxLength: 50 }),
      fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
    );
    const all: string[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(frame, { minLength: 1, maxLength: 5 }), { minLength: BATCH, maxLength: BATCH }),
        async (sessions) => {
          all.push(...(await Promise.all(sessions.map(playSession))));
        },
      ),
      { ...sampling(OF_FRAMES), endOnFailure: true },
    );
    return tally(all);
  },
  LIMIT_MS,
);

/** Sends frames, then an operation: that is answered, or the connection was closed with a code of the protocol. */
async function playSession(frames: (string | Buffer)[]): Promise<string> {
  const client = await connect({ token: nextToken() });
  for (const frame of frames) client.socket.send(frame);
  client.send({ id: 'the-last', type: 'subscribe', payload: { query: '{ __typename }' } });
  await client.next(({ id, type }) => id === 'the-last' && type !== 'complete');
  client.socket.terminate();
  const input = frames.map(String);
  for (const message of client.messages) {
    expectNothingLeaked(JSON.stringify(message));
    if (message.type === 'next') told(message.payload, input);
    if (message.type === 'error') told({ errors: message.payload as Errors }, input);
  }
  const { code, reason } = await client.closed;
  if (code === 1006 && client.messages.some(({ id }) => id === 'the-last')) return 'answered';
  expectNothingLeaked(reason);
  expect([input, code]).toEqual([input, expect.any(Number)]);
  expect([1002, 1003, 1007, 1009, 4400, 4401, 4403, 4409, 4429]).toContain(code);
  return `closed ${code}`;
}

attack(
  'events from the broker',
  async () => {
    const user = await someone();
    const live = await subscribe(user as never, 'subscription { taskChanged { id task { id } } }');
    const event = fc.record({
      topic: fc.constantFrom(...producers['task-service']),
      type: fc.oneof(fc.constantFrom(...producers['task-service'].map((name) => `com.todo.${name}.v1`)), fc.string()),
      more: fc.dictionary(
        fc.constantFrom('ownerId', 'version', 'id', 'title', 'dueAt', 'tags', '__proto__', 'x'),
        values,
        { maxKeys: 4 },
      ),
      data: fc.oneof(fc.constant(undefined), values),
      time: fc.constantFrom(new Date(0).toISOString(), '9999-12-31T23:59:59Z', 'x', '', undefined),
    });
    let published = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: BATCH, maxLength: BATCH }), async (given) => {
        for (const [topic, ofTopic] of Object.entries(Object.groupBy(given, (one) => one.topic)))
          await publishBulk(
            topic,
            (ofTopic ?? []).map(({ type, more, data, time }) => ({
              specversion: '1.0',
              id: randomUUID(),
              source: 'fuzz',
              type,
              subject: randomUUID(),
              ...(time !== undefined && { time }),
              // Of nobody that there is.
              data: data === undefined ? { ...TASK, ...more } : data,
            })),
          );
        published += given.length;
      }),
      { ...sampling(OF_EVENTS), endOnFailure: true },
    );
    // What comes after them is heard by every service that consumes, and by whoever watches.
    const task = await createTask(user as never, { title: 'After the fuzz' });
    await live.next(({ taskChanged }) => taskChanged.task?.id === task.id, PATIENCE_MS);
    await eventually(async () => {
      const { data } = await overHttp(
        {
          query: `{ me { notifications { nodes { id } } } task(id: "${task.id}") { history(first: 1) { nodes { version } } } }`,
        },
        { token: user.token },
      );
      expect([data.me.notifications.nodes.length, data.task.history.nodes.length]).toEqual([1, 1]);
    }, PATIENCE_MS);
    expect(live.received).toHaveLength(1);
    await live.stop();
    return { cameBack: 'the next event reaches every service, and its subscriber alone', inputs: published };
  },
  LIMIT_MS,
);

attack(
  'all of it together: everything is alive, nothing polluted, and the gateway has recovered',
  async () => {
    for (const id of [
      'api-gateway',
      'task-service',
      'scheduler-service',
      'notification-service',
      'analytics-service',
    ]) {
      const { status } = await send({ url: `http://127.0.0.1:${app(id).port}/readyz`, method: 'GET' });
      expect([id, status]).toEqual([id, 200]);
    }
    expect(await pollutionOf()).toEqual([]);
    return recovered(before);
  },
  PATIENCE_MS * 3,
);
