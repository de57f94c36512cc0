import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { type DeadLetterHandler, receiveDeadLetters } from './dead-letters.ts';
import { createLogger } from './logger.ts';

let app: FastifyInstance;
const handler = jest.fn<DeadLetterHandler>();
beforeEach(() => {
  handler.mockReset().mockResolvedValue();
  app = Fastify();
  receiveDeadLetters(app, handler, { appToken: 'secret', logger: createLogger('test', 'silent') });
});
afterEach(() => app.close());

async function post(payload: string, headers: Record<string, string> = { 'dapr-api-token': 'secret' }) {
  const url = '/events/task.created.dlq';
  const from = { 'content-type': 'application/cloudevents+json', __key: 't1', __offset: '17' };
  const response = await app.inject({ method: 'POST', url, headers: { ...from, ...headers }, payload });
  return { status: response.statusCode, body: response.json() as unknown };
}

const time = '2030-01-01T00:00:00.000Z';
const letter = (event: unknown) =>
  JSON.stringify({
    type: 'com.todo.dead-letter.v1',
    time,
    data: {
      topic: 'task.created',
      consumer: 'analytics-service',
      key: 'k',
      reason: 'unknown type',
      attempts: 1,
      event,
    },
  });

it("says of a service's letter what the service said", async () => {
  expect((await post(letter({ id: 'e1' }))).body).toEqual({ status: 'SUCCESS' });
  const said = {
    topic: 'task.created' as const,
    consumer: 'analytics-service',
    key: 'k',
    reason: 'unknown type',
    letter: time,
  };
  expect(handler).toHaveBeenLastCalledWith({ ...said, event: { id: 'e1' }, truncated: false });
  await post(letter({ truncated: '{"id":"e1' }));
  expect(handler).toHaveBeenLastCalledWith({ ...said, event: '{"id":"e1', truncated: true });
});

it('takes whatever else comes for what a sidecar gave up', async () => {
  const reason = expect.stringMatching(/sidecar/);
  const from = { topic: 'task.created' as const, consumer: null, key: 't1', reason, truncated: false, letter: '17' };
  await post('{"id":"e1"}');
  expect(handler).toHaveBeenLastCalledWith({ ...from, event: { id: 'e1' } });
  await post('no JSON');
  expect(handler).toHaveBeenLastCalledWith({ ...from, event: 'no JSON' });
});

const raw = (message: string | Buffer) =>
  JSON.stringify({
    specversion: '1.0',
    type: 'com.dapr.event.sent',
    source: 'Dapr',
    datacontenttype: 'application/octet-stream',
    data_base64: Buffer.from(message).toString('base64'),
  });

it('takes a message as it is, where the sidecar hands it over raw', async () => {
  await post(raw(letter({ id: 'e1' })));
  expect(handler).toHaveBeenLastCalledWith(
    expect.objectContaining({ consumer: 'analytics-service', event: { id: 'e1' } }),
  );
  await post(raw('{"id":"e1"}'));
  expect(handler).toHaveBeenLastCalledWith(expect.objectContaining({ consumer: null, event: { id: 'e1' } }));
  await post(raw(Buffer.from([1, 0xff, 0x41])));
  expect(handler).toHaveBeenLastCalledWith(expect.objectContaining({ consumer: null, event: '\u0001\ufffdA' }));
});

it('comes again where it could not be kept, and from the own sidecar only', async () => {
  handler.mockRejectedValue(new Error('the database is away'));
  expect((await post('{}')).body).toEqual({ status: 'RETRY' });
  expect((await post('{}', { 'dapr-api-token': 'wrong' })).status).toBe(403);
  expect((await post('{}', { 'dapr-api-token': 'secret', 'dapr-caller-app-id': 'api-gateway' })).status).toBe(403);
  expect(handler).toHaveBeenCalledTimes(1);
});
