import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Dapr } from './dapr.ts';
import { createEvent } from './events.ts';
import { createLogger } from './logger.ts';
import { MARKER_TYPE } from './marker.ts';
import { type EventHandler, PoisonEvent, receiveEvents } from './subscriber.ts';

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
