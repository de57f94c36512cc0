import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Fastify from 'fastify';
import { encodeIdentity } from './identity.ts';
import { fromApp, fromOwnSidecar, identityOf } from './sidecar.ts';

const alice = { sub: 'alice', scopes: [], claims: {} };
const app = Fastify();
app.get('/own', { onRequest: fromOwnSidecar('secret') }, async () => ({ ok: true }));
app.get('/gateway', { onRequest: fromApp('secret', 'api-gateway') }, async (req) => ({
  sub: identityOf(req)?.sub ?? null,
}));

/** Sends headers exactly as listed: fetch would merge repeated ones. */
function get(path: string, headers: string[]): Promise<{ status: number; body: { sub?: string | null } }> {
  const { port } = app.server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers: ['host', 'localhost', ...headers] as never }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    })
      .on('error', reject)
      .end();
  });
}

const token = ['dapr-api-token', 'secret'];
const gateway = ['dapr-caller-app-id', 'api-gateway'];

beforeAll(() => app.listen({ host: '127.0.0.1', port: 0 }));
afterAll(() => app.close());

describe('a route of the own sidecar', () => {
  it.each([
    ['the token alone', token, 200],
    ['no token', [], 403],
    ['a wrong token', ['dapr-api-token', 'secreT'], 403],
    ['two tokens', [...token, ...token], 403],
    ['a call from another app', [...token, 'dapr-caller-app-id', 'task-service'], 403],
  ])('%s', async (_, headers, status) => {
    expect((await get('/own', headers)).status).toBe(status);
  });
});

describe('a route for the gateway', () => {
  it.each([
    ['the gateway', [...token, ...gateway], 200],
    ['no caller', token, 403],
    ['another app', [...token, 'dapr-caller-app-id', 'task-service'], 403],
    ["another app's claim beside the sidecar's", [...token, ...gateway, 'dapr-caller-app-id', 'task-service'], 403],
    ['the gateway twice', [...token, ...gateway, ...gateway], 403],
    ['the gateway without the token', gateway, 403],
  ])('%s', async (_, headers, status) => {
    expect((await get('/gateway', headers)).status).toBe(status);
  });

  it('takes the identity header once only', async () => {
    const identity = ['x-identity', encodeIdentity(alice)];
    expect((await get('/gateway', [...token, ...gateway, ...identity])).body.sub).toBe('alice');
    expect((await get('/gateway', [...token, ...gateway, ...identity, ...identity])).body.sub).toBeNull();
    expect((await get('/gateway', [...token, ...gateway, 'x-identity', 'alice'])).body.sub).toBeNull();
  });
});
