import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { ReceivedLetter } from '@todo/service/dead-letters';
import type { AppContext } from '../context.ts';
import { resolvers } from '../resolvers/index.ts';
import { requestOf, testApp } from '../testing/context.ts';
import { startNotificationDatabase, type TestDatabase } from '../testing/database.ts';
import { MAX_SHOWN_PAYLOAD } from './dead-letter.ts';
import { keepLetter } from './keep.ts';
import { countOpen, listLetters } from './list.ts';
import { discard, replay } from './settle.ts';

const published: unknown[][] = [];
let failure: Error | undefined;
const publish = async (...args: unknown[]) => {
  published.push(args);
  return failure ? { error: failure } : {};
};
let database: TestDatabase;
let app: AppContext;
beforeAll(async () => {
  database = await startNotificationDatabase();
  app = testApp(database, { dapr: { client: { pubsub: { publish } } } as unknown as AppContext['dapr'] });
});
afterAll(() => database.stop());
beforeEach(async () => {
  await database.orm.em.fork().execute('delete from state');
  published.length = 0;
  failure = undefined;
});

const event = {
  id: 'e1',
  specversion: '1.0',
  type: 'com.todo.task.created.v9',
  source: 'task-service',
  subject: 't1',
  data: { text: 'a\u0000b' },
};
const letterOf = (fields: Partial<ReceivedLetter> = {}): ReceivedLetter => ({
  topic: 'task.created',
  consumer: 'analytics-service',
  key: 't1',
  reason: 'unknown type',
  event,
  truncated: false,
  letter: '2030-01-01T00:00:00.000Z',
  ...fields,
});
const list = async (status: 'OPEN' | 'REPLAYED' | 'DISCARDED' = 'OPEN', topic?: string) =>
  (await listLetters(app, { first: 20, status, ...(topic && { topic }) })).nodes;

it('keeps each letter once, with reason and payload, also what no database takes as it is', async () => {
  await keepLetter(app, letterOf());
  await keepLetter(app, letterOf());
  await keepLetter(
    app,
    letterOf({ consumer: null, topic: 'task.deleted', event: 'no JSON \u0000 \ud800', letter: '17' }),
  );
  const [other, first] = await list();
  expect(first).toMatchObject({ eventId: 'e1', consumer: 'analytics-service', reason: 'unknown type', attempts: 1 });
  expect(JSON.parse(first?.payload ?? '')).toEqual(event);
  expect(other).toMatchObject({ consumer: null, replayable: false });
  expect(await list('OPEN', 'task.created')).toHaveLength(1);
  expect(await countOpen(database.orm)).toBe(2);
});

it('replays with the original id and key, and counts where that was in vain', async () => {
  await keepLetter(app, letterOf());
  const [letter] = await list();
  const id = letter?.id ?? '';
  failure = new Error('the broker is away');
  await expect(replay(app, id, undefined)).rejects.toThrow(/away/);
  expect(await list()).toHaveLength(1);
  failure = undefined;
  published.length = 0;
  expect(await replay(app, id, undefined)).toMatchObject({ status: 'REPLAYED' });
  expect(published).toEqual([
    ['task-events', 'task.created', event, expect.objectContaining({ metadata: { partitionKey: 't1' } })],
  ]);
  expect(await replay(app, id, undefined)).toMatchObject({ status: 'REPLAYED' });
  expect(published).toHaveLength(1);
  await expect(discard(app, id, undefined)).rejects.toMatchObject({ extensions: { code: 'CONFLICT' } });

  await keepLetter(app, letterOf({ letter: '2030-01-02T00:00:00.000Z' }));
  expect(await list()).toMatchObject([{ id, attempts: 2, status: 'OPEN' }]);
});

it('discards, and replays nothing that is discarded, cut off or not there', async () => {
  await keepLetter(app, letterOf());
  await keepLetter(app, letterOf({ topic: 'task.updated', event: '{"id":"e2","da', truncated: true }));
  const [cut, whole] = await list();
  await expect(replay(app, cut?.id ?? '', undefined)).rejects.toMatchObject({
    extensions: { code: 'BAD_USER_INPUT', fields: [{ field: 'id' }] },
  });
  expect(await discard(app, whole?.id ?? '', undefined)).toMatchObject({ status: 'DISCARDED' });
  await expect(replay(app, whole?.id ?? '', undefined)).rejects.toMatchObject({ extensions: { code: 'CONFLICT' } });
  await expect(replay(app, 'nothing', undefined)).rejects.toMatchObject({ extensions: { code: 'NOT_FOUND' } });
  expect(published).toEqual([]);
  expect(await countOpen(database.orm)).toBe(1);
});

it.each(['specversion', 'type', 'source'])('does not replay what is no CloudEvent: it has no %s', async (missing) => {
  await keepLetter(app, letterOf({ event: { ...event, [missing]: undefined } }));
  expect(await list()).toMatchObject([{ eventId: 'e1', replayable: false }]);
});

it('leaves a letter settled where an older one of the event comes again', async () => {
  for (const [consumer, older, newer] of [
    ['analytics-service', '2030-01-01T00:00:00.000Z', '2030-01-02T00:00:00.000Z'],
    [null, '9', '10'],
  ] as const) {
    await keepLetter(app, letterOf({ consumer, letter: older }));
    await keepLetter(app, letterOf({ consumer, letter: newer }));
    const [letter] = await list();
    await discard(app, letter?.id ?? '', undefined);
    await keepLetter(app, letterOf({ consumer, letter: older }));
    expect(await list()).toEqual([]);
  }
  expect(await list('DISCARDED')).toMatchObject([{ attempts: 2 }, { attempts: 2 }]);
});

const ask = async (field: 'deadLetter' | 'deadLetters', args: object, scopes = ['admin']): Promise<any> =>
  (resolvers.Query as any)[field]({}, args, requestOf(app, 'mallory', scopes));
const isTruncated = (letter: any): boolean => (resolvers.DeadLetter as any).payloadTruncated(letter);

it('lists the beginning of a large payload, shows all of one, and replays all of it', async () => {
  const large = { ...event, data: { text: 'é'.repeat(100_000) } };
  await keepLetter(app, letterOf({ event: large }));
  await keepLetter(app, letterOf({ topic: 'task.updated' }));
  const [small, cut] = await list();
  expect(small).toMatchObject({ payload: JSON.stringify(event), payloadTruncated: false });
  expect(cut).toMatchObject({ payload: JSON.stringify(large).slice(0, MAX_SHOWN_PAYLOAD), payloadTruncated: true });
  const whole = await ask('deadLetter', { id: cut?.id });
  expect([JSON.parse(whole.payload), isTruncated(whole)]).toEqual([large, false]);
  const replayed = await replay(app, cut?.id ?? '', undefined);
  expect([replayed.payload.length, isTruncated(replayed)]).toEqual([MAX_SHOWN_PAYLOAD, true]);
  expect(published[0]?.[2]).toEqual(large);
});

it('knows no letter of an id that is none', async () => {
  expect([await ask('deadLetter', { id: 'x'.repeat(43) }), await ask('deadLetter', { id: '\u0000' })]).toEqual([
    null,
    null,
  ]);
});

it('keeps of what no service could be handed the beginning, whatever it holds', async () => {
  await keepLetter(app, letterOf({ consumer: null, event: '\u0001'.repeat(1_000_000) }));
  const [letter] = await list();
  expect(letter).toMatchObject({ replayable: false, payloadTruncated: true });
  expect((await ask('deadLetter', { id: letter?.id })).payload).toHaveLength(1_000_000);
});

it('publishes nothing again for a call that was answered, also where the event came again since', async () => {
  await keepLetter(app, letterOf());
  const [letter] = await list();
  const id = letter?.id ?? '';
  const once = { stateKey: 'once-1', fingerprint: 'x' };
  const first = await replay(app, id, once);
  await keepLetter(app, letterOf({ letter: '2030-01-02T00:00:00.000Z' }));
  expect(await replay(app, id, once)).toEqual(first);
  expect(published).toHaveLength(1);
  expect(await list()).toHaveLength(1);
});

it.each([
  ['deadLetters', { first: 20, status: 'OPEN' }],
  ['deadLetter', { id: 'x'.repeat(43) }],
] as const)('%s is for the scope admin alone', async (field, args) => {
  await expect(ask(field, args, [])).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } });
  await expect(ask(field, args)).resolves.toBeDefined();
});
