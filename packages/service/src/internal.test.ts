import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { internalRoute, receiveBindings, receiveInternal } from './internal.ts';
import { createLogger } from './logger.ts';

const options = { appToken: 'secret', logger: createLogger('test', 'silent') };
const handle = jest.fn<(body: { ids: string[] }) => Promise<unknown>>();
const fire = jest.fn<() => Promise<void>>();
let app: FastifyInstance;

beforeEach(() => {
  handle.mockReset().mockResolvedValue({ ok: true });
  fire.mockReset().mockResolvedValue();
  app = Fastify();
  const body = z.strictObject({ ids: z.array(z.string()) });
  receiveInternal(app, [internalRoute({ path: '/internal/things', from: 'friend', body, handle })], options);
  receiveBindings(app, { '/bindings/tick': fire }, options);
});
afterEach(() => app.close());

async function send(method: 'POST' | 'OPTIONS', url: string, headers: Record<string, string>, payload: object = {}) {
  const response = await app.inject({ method, url, headers, payload });
  return { status: response.statusCode, body: response.json() as { error?: string } };
}
const own = { 'dapr-api-token': 'secret' };
const friend = { ...own, 'dapr-caller-app-id': 'friend' };

describe('an internal route', () => {
  it('answers its one caller', async () => {
    expect(await send('POST', '/internal/things', friend, { ids: ['a'] })).toEqual({ status: 200, body: { ok: true } });
    expect(handle).toHaveBeenCalledWith({ ids: ['a'] });
  });

  it.each([
    ['nobody', {}],
    ['the own sidecar', own],
    ['another app', { ...own, 'dapr-caller-app-id': 'stranger' }],
    ['the caller without the token', { 'dapr-caller-app-id': 'friend' }],
  ])('is not for %s', async (_, headers) => {
    expect((await send('POST', '/internal/things', headers as Record<string, string>, { ids: [] })).status).toBe(403);
    expect(handle).not.toHaveBeenCalled();
  });

  it('says what is wrong with a body', async () => {
    const { status, body } = await send('POST', '/internal/things', friend, { ids: 'a' });
    expect(status).toBe(400);
    expect(body.error).toMatch(/ids/);
  });

  it('says nothing of what failed inside', async () => {
    handle.mockRejectedValue(new Error('the password is 123'));
    expect(await send('POST', '/internal/things', friend, { ids: [] })).toEqual({
      status: 500,
      body: { error: 'failed' },
    });
  });
});

describe('a binding', () => {
  it('is there when the sidecar asks, and does what it is for', async () => {
    expect((await send('OPTIONS', '/bindings/tick', own)).status).toBe(200);
    expect(fire).not.toHaveBeenCalled();
    expect((await send('POST', '/bindings/tick', own)).status).toBe(200);
    expect(fire).toHaveBeenCalledTimes(1);
  });

  it('needs no body, though its type is given', async () => {
    const headers = { ...own, 'content-type': 'application/json' };
    expect((await app.inject({ method: 'POST', url: '/bindings/tick', headers })).statusCode).toBe(200);
    expect(fire).toHaveBeenCalledTimes(1);
  });

  it('fails where that fails', async () => {
    fire.mockRejectedValue(new Error('away'));
    expect((await send('POST', '/bindings/tick', own)).status).toBe(500);
  });

  it('is not for other apps', async () => {
    expect((await send('POST', '/bindings/tick', friend)).status).toBe(403);
    expect(fire).not.toHaveBeenCalled();
  });
});
