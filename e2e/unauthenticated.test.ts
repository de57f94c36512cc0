import { describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { graphql } from './stack/graphql.ts';
import { ready } from './stack/ready.ts';
import { newUser } from './stack/user.ts';

describe('without a valid token', () => {
  it.each([
    ['no token', undefined],
    ['no JWT', { token: 'nonsense' }],
    ['alg none', { token: `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.` }],
  ])('HTTP is UNAUTHENTICATED: %s', async (_, user) => {
    const { status, errors } = await graphql(user, '{ me { id } }');
    expect(status).toBe(401);
    expect(errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
  });

  it('a token whose payload was changed is refused', async () => {
    const { token } = await newUser();
    const [head, payload = '', signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'somebody-else' })).toString('base64url');
    const { status } = await graphql({ token: `${head}.${forged}.${signature}` }, '{ me { id } }');
    expect(status).toBe(401);
  });

  it('a WebSocket is closed', async () => {
    const closed = await new Promise<{ code: number }>((resolve) => {
      const client = createClient({
        url: ready().urls.graphql.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        on: { closed: (event) => resolve(event as { code: number }) },
      });
      client.subscribe({ query: '{ me { id } }' }, { next() {}, error() {}, complete() {} });
    });
    expect([4401, 4403]).toContain(closed.code);
  });

  it('SSE is refused', async () => {
    const response = await fetch(ready().urls.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { taskReminder { id } }' }),
    });
    expect(response.status).toBe(401);
    expect(await response.text()).toMatch(/UNAUTHENTICATED/);
  });
});
