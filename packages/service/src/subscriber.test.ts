import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Dapr } from './dapr.ts';
import { createEvent } from './events.ts';
import { createLogger } from './logger.ts';
import { MARKER_TYPE } from './marker.ts';
import { type BulkHandler, type EventHandler, PoisonEvent, receiveEvents } from './subscriber.ts';

const event = (id: string) =>
  createEvent('task.reminder', {
    id,
    source: 'scheduler-service',
    subject: 'task-1',
    data: { ownerId: 'alice', reminderId: 'r', kind: 'DUE', title: 'x', dueAt: '2030-01-01T00:00:00.000Z', version: 1 },
  });

let app: FastifyInstance;
const handler = jest.fn<EventHandler<'task.reminder'>>();
type Publish = (pubsub: string, topic: string, event: object) => Promise<{ error?: Error }>;
const publish = jest.fn<Publish>();

beforeEach(() => {
  handler.mockReset().mockResolvedValue();
  publish.mockReset().mockResolvedValue({});
  app = Fastify();
  receiveEvents(
    app,
    { 'task.reminder': handler },
    {
      appId: 'notification-service',
      appToken: 'secret',
      dapr: { client: { pubsub: { publish } } } as unknown as Dapr,
      logger: createLogger('test', 'silent'),
    },
  );
});
afterEach(() => app.close());

async function post(body: unknown, headers: Record<string, string> = { 'dapr-api-token': 'secret' }) {
  const response = await app.inject({
    method: 'POST',
    url: '/events/task.reminder',
    headers: { 'content-type': 'application/cloudevents+json', ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.statusCode, body: response.json() as unknown };
}

describe('an event', () => {
  it('reaches its handler', async () => {
    expect((await post(event('1'))).body).toEqual({ status: 'SUCCESS' });
    expect(handler).toHaveBeenCalledWith(expect.objectContaining({ id: '1' }));
  });

  it('comes again where the handler fails', async () => {
    handler.mockRejectedValue(new Error('the database is away'));
    expect((await post(event('1'))).body).toEqual({ status: 'RETRY' });
    expect(publish).not.toHaveBeenCalled();
  });

  it('goes to the dead-letter topic with the reason where it can never succeed', async () => {
    handler.mockRejectedValue(new PoisonEvent('no such owner'));
    expect((await post(event('1'), { 'dapr-api-token': 'secret', __key: 'task-1' })).body).toEqual({
      status: 'SUCCESS',
    });
    expect(publish.mock.calls[0]?.slice(0, 3)).toEqual([
      'task-events',
      'task.reminder.dlq',
      expect.objectContaining({ id: '1', data: expect.objectContaining({ reason: 'no such owner', key: 'task-1' }) }),
    ]);
  });

  it('comes again where the dead-letter topic does not take it', async () => {
    publish.mockResolvedValue({ error: new Error('no broker') });
    expect((await post({ ...event('1'), type: 'com.todo.task.reminder.v9' })).body).toEqual({ status: 'RETRY' });
  });

  it('is dead-lettered where it is not even JSON', async () => {
    expect((await post('{"half": ')).body).toEqual({ status: 'SUCCESS' });
    expect(publish.mock.calls[0]?.[2]).toMatchObject({ data: { event: '{"half": ' } });
    expect(handler).not.toHaveBeenCalled();
  });

  it('is refused without the app token, and from another app', async () => {
    expect((await post(event('1'), {})).status).toBe(403);
    expect((await post(event('1'), { 'dapr-api-token': 'secret', 'dapr-caller-app-id': 'x' })).status).toBe(403);
    expect(handler).not.toHaveBeenCalled();
  });

  it('is skipped where it is a marker', async () => {
    expect((await post({ type: MARKER_TYPE })).body).toEqual({ status: 'SUCCESS' });
    expect(handler).not.toHaveBeenCalled();
  });
});

it('answers for each entry of a bulk', async () => {
  handler.mockResolvedValueOnce().mockRejectedValueOnce(new Error('away'));
  const entries = [event('1'), event('2'), { type: MARKER_TYPE }].map((e, i) => ({ entryId: `${i}`, event: e }));
  expect((await post({ id: 'bulk', entries })).body).toEqual({
    statuses: [
      { entryId: '0', status: 'SUCCESS' },
      { entryId: '1', status: 'RETRY' },
      { entryId: '2', status: 'SUCCESS' },
    ],
  });
});

describe('a bulk for a handler that takes bulks', () => {
  const bulk = jest.fn<BulkHandler<'task.reminder'>['bulk']>();
  let bulkApp: FastifyInstance;
  beforeEach(() => {
    bulk.mockReset().mockResolvedValue();
    bulkApp = Fastify();
    receiveEvents(
      bulkApp,
      { 'task.reminder': { bulk } },
      {
        appId: 'analytics-service',
        appToken: 'secret',
        dapr: { client: { pubsub: { publish } } } as unknown as Dapr,
        logger: createLogger('test', 'silent'),
      },
    );
  });
  afterEach(() => bulkApp.close());

  async function postAll(...events: object[]): Promise<string[]> {
    const response = await bulkApp.inject({
      method: 'POST',
      url: '/events/task.reminder',
      headers: { 'content-type': 'application/json', 'dapr-api-token': 'secret' },
      payload: JSON.stringify({
        entries: events.map((one, i) => ({ entryId: `${i}`, event: one, metadata: { __key: `key-${i}` } })),
      }),
    });
    const { statuses } = response.json<{ statuses: { entryId: string; status: string }[] }>();
    expect(statuses.map(({ entryId }) => entryId)).toEqual(events.map((_, i) => `${i}`));
    return statuses.map(({ status }) => status);
  }
  const idsOf = (): string[][] => bulk.mock.calls.map(([events]) => events.map(({ id }) => id));

  it('is handled in one go, with what is no event by itself', async () => {
    const unknown = { ...event('2'), type: 'com.todo.task.reminder.v9' };
    expect(await postAll(event('1'), { type: MARKER_TYPE }, unknown, event('3'))).toEqual(Array(4).fill('SUCCESS'));
    expect(idsOf()).toEqual([['1', '3']]);
    expect(publish.mock.calls.map(([, topic, letter]) => [topic, (letter as { id: string }).id])).toEqual([
      ['task.reminder.dlq', '2'],
    ]);
  });

  it('comes again as a whole where the handler fails, but for what can never be handled', async () => {
    bulk.mockRejectedValue(new Error('the database is away'));
    const unknown = { ...event('2'), type: 'com.todo.task.reminder.v9' };
    expect(await postAll(event('1'), unknown, event('3'))).toEqual(['RETRY', 'SUCCESS', 'RETRY']);
    expect(bulk).toHaveBeenCalledTimes(1);
  });

  it('is handled one by one where an event can never succeed, which goes to the dead-letter topic', async () => {
    bulk.mockImplementation(async (events) => {
      if (events.some(({ id }) => id === '2')) throw new PoisonEvent('too large');
    });
    expect(await postAll(event('1'), event('2'), event('3'))).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect(idsOf()).toEqual([['1', '2', '3'], ['1'], ['2'], ['3']]);
    expect(publish.mock.calls).toHaveLength(1);
    expect(publish.mock.calls[0]?.[2]).toMatchObject({ id: '2', data: { reason: 'too large', key: 'key-1' } });
  });

  it('comes again only as far as it has to once it is handled one by one', async () => {
    bulk.mockImplementation(async (events) => {
      if (events.length > 1) throw new PoisonEvent('one of them');
      if (events[0]?.id === '2') throw new Error('the database is away');
    });
    expect(await postAll(event('1'), event('2'), event('3'))).toEqual(['SUCCESS', 'RETRY', 'SUCCESS']);
    expect(publish).not.toHaveBeenCalled();
  });

  it('takes a single event, too', async () => {
    const response = await bulkApp.inject({
      method: 'POST',
      url: '/events/task.reminder',
      headers: { 'content-type': 'application/cloudevents+json', 'dapr-api-token': 'secret' },
      payload: JSON.stringify(event('1')),
    });
    expect(response.json()).toEqual({ status: 'SUCCESS' });
    expect(idsOf()).toEqual([['1']]);
  });
});
