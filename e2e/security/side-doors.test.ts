import { describe, expect } from '@jest/globals';
import { encodeIdentity } from '@todo/service/identity';
import { createTask } from '../stack/graphql.ts';
import { app, ready } from '../stack/ready.ts';
import { subscribe } from '../stack/subscription.ts';
import { attack, tally } from './tools/attack.ts';
import { BROWSER_KEYS } from './tools/browser-keys.ts';
import { freshAddress, overHttp, refused, send, transports } from './tools/client.ts';
import { someone } from './tools/issuer.ts';
import { AS_DELIVERED, event, ROUTES } from './tools/routes.ts';

const origin = (): string => ready().urls.graphql.replace('/graphql', '');

describe('the public port', () => {
  attack('events, jobs, bindings and internal routes at the public port', async () => {
    const { id, token } = await someone();
    const live = await subscribe({ id, token, email: '', password: '' }, 'subscription { taskChanged { id } }');
    const body = JSON.stringify(event(id));
    const told: string[] = [];
    for (const path of [...ROUTES, '/metrics', '/dapr/config', '/dapr/subscribe', '/v1.0/metadata', '/v1.0/shutdown'])
      for (const method of ['POST', 'GET', 'PUT', 'OPTIONS']) {
        const answer = await send({
          url: `${origin()}${path}`,
          method,
          headers: {
            'content-type': 'application/cloudevents+json',
            ...AS_DELIVERED,
            authorization: `Bearer ${token}`,
          },
          ...(method !== 'GET' && { body }),
        });
        expect([path, method, answer.status, answer.text]).toEqual([
          path,
          method,
          answer.status,
          expect.stringMatching(/"code":"(?:NOT_FOUND|BAD_REQUEST)"/),
        ]);
        expect([404, 415]).toContain(answer.status);
        told.push(`${answer.status} ${answer.status === 404 ? 'NOT_FOUND' : 'BAD_REQUEST'}`);
      }
    // An event of the user's own comes: a forged one would have come before it.
    const task = await createTask({ id, token, email: '', password: '' }, { title: 'Real' });
    await live.next();
    expect(live.received).toHaveLength(1);
    expect(task.id).toBeDefined();
    await live.stop();
    return tally(told);
  });

  attack('the same behind tricks with the path', async () => {
    const told: string[] = [];
    for (const path of [
      '/graphql/../events/task.created',
      '/graphql/..%2fevents%2ftask.created',
      '/graphql/%2e%2e/events/task.created',
      '//events/task.created',
      '/./events/task.created',
      '/events%2ftask.created',
      '/%65vents/task.created',
      '/events/task.created;/graphql',
      '/graphql/events/task.created',
      '/graphql;/../events/task.created',
      '/EVENTS/task.created',
      'http://127.0.0.1:4001/events/task.created',
    ]) {
      const { status, text } = await send({
        url: `${origin()}${path.startsWith('/') ? '' : '/'}${path}`,
        headers: { 'content-type': 'application/cloudevents+json', ...AS_DELIVERED },
        body: JSON.stringify(event('x')),
      });
      expect([path, status]).toEqual([path, expect.any(Number)]);
      expect([400, 404, 415]).toContain(status);
      expect(text).toMatch(/"code":"(?:NOT_FOUND|BAD_REQUEST)"/);
      told.push(`${status} ${/"code":"(\w+)"/.exec(text)?.[1]}`);
    }
    return tally(told);
  });
});

/** What apps and sidecars tell each other in headers, in a client's hands. */
const forge = (sub: string): Record<string, string> => ({
  'x-identity': encodeIdentity({ sub, scopes: ['admin'], claims: { sub, scope: 'admin' } }),
  'dapr-caller-app-id': 'api-gateway',
  'dapr-api-token': app('task-service').appApiToken,
  'dapr-app-id': 'task-service',
});

describe('headers by which apps know each other', () => {
  const QUERY = { query: '{ me { id } tasks { nodes { title } } }' };

  for (const [transport, over] of transports)
    attack(`identity, caller and token headers of a client, over ${transport}`, async () => {
      const [victim, mallory] = await Promise.all([someone(), someone()]);
      await createTask(victim as never, { title: 'Secret of the victim' });
      const headers = forge(victim.id);
      const anonymous = refused(await over(QUERY, { headers, from: freshAddress() }), 'UNAUTHENTICATED');
      for (const more of [
        headers,
        { ...headers, connection: 'x-identity, authorization' },
        { ...headers, 'X-IDENTITY': [headers['x-identity'], headers['x-identity']] as string[] },
        { ...headers, x_identity: headers['x-identity'] as string },
      ]) {
        // A WebSocket has its own `connection`.
        const { connection: _, ...rest } = more as Record<string, string | string[]>;
        const answer = await over(QUERY, {
          token: mallory.token,
          headers: transport === 'WebSocket' ? rest : (more as Record<string, string>),
        });
        expect([answer.text, answer.data]).toEqual([answer.text, { me: { id: mallory.id }, tasks: { nodes: [] } }]);
      }
      return { cameBack: `${anonymous} without a token, the client’s own data with one`, inputs: 5 };
    });

  attack('an identity in extensions, variables and the payload of connection_init', async () => {
    const [victim, mallory] = await Promise.all([someone(), someone()]);
    const identity = { sub: victim.id, scopes: ['admin'], claims: {} };
    const answer = await overHttp(
      {
        ...QUERY,
        extensions: { identity, headers: forge(victim.id), 'x-identity': identity },
        variables: { identity },
      },
      { token: mallory.token },
    );
    expect(answer.data.me.id).toBe(mallory.id);
    return 'the client’s own data';
  });
});

describe('webhooks and push subscriptions that point inside', () => {
  const INSIDE = [
    'https://localhost:3500/v1.0/shutdown',
    'https://127.0.0.1:4001/events/task.created',
    'https://127.1:3500',
    'https://2130706433:3500',
    'https://0x7f000001',
    'https://[::1]:3500',
    'https://[::ffff:127.0.0.1]:3500',
    'https://[64:ff9b::7f00:1]',
    'https://0.0.0.0:4001',
    'https://10.0.0.1',
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00::1]',
    'http://1.1.1.1/hook',
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_FLUSHALL',
    'https://user:password@127.0.0.1',
    'https://localhost.',
  ];
  attack('addresses of the inside, however they are written', async () => {
    const { token } = await someone();
    const told: string[] = [];
    for (const url of INSIDE) {
      const hook = 'mutation ($url: String!) { addWebhook(url: $url) { secret } }';
      told.push(refused(await overHttp({ query: hook, variables: { url } }, { token }), 'BAD_USER_INPUT'));
      const push = 'mutation ($input: PushSubscriptionInput!) { addPushSubscription(input: $input) { id } }';
      const input = { endpoint: url, ...BROWSER_KEYS };
      told.push(refused(await overHttp({ query: push, variables: { input } }, { token }), 'BAD_USER_INPUT'));
    }
    return tally(told);
  });
});
