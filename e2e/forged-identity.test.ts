import { describe, expect, it } from '@jest/globals';
import { encodeIdentity } from '@todo/service/identity';
import { createTask, graphql } from './stack/graphql.ts';
import { app } from './stack/ready.ts';
import { newUser } from './stack/user.ts';

const body = JSON.stringify({ query: '{ me { id tasks { nodes { title } } } }' });
const json = { 'content-type': 'application/json' };

describe('an identity header changes nothing', () => {
  it('sent by a client', async () => {
    const [alice, mallory] = await Promise.all([newUser(), newUser()]);
    await createTask(alice, { title: "Alice's secret" });
    const { data } = await graphql(
      mallory,
      '{ me { id tasks { nodes { title } } } }',
      {},
      {
        'x-identity': encodeIdentity({ sub: alice.id, scopes: ['admin'], claims: {} }),
        'dapr-caller-app-id': 'api-gateway',
      },
    );
    expect(data.me).toEqual({ id: mallory.id, tasks: { nodes: [] } });
    const anonymous = await graphql(
      undefined,
      '{ me { id } }',
      {},
      {
        'x-identity': encodeIdentity({ sub: alice.id, scopes: [], claims: {} }),
      },
    );
    expect(anonymous.status).toBe(401);
  });

  const services = ['task-service', 'scheduler-service', 'notification-service', 'analytics-service'];
  const pairs = services.flatMap((caller) => services.filter((to) => to !== caller).map((callee) => [caller, callee]));
  it.each(pairs)('sent by %s to %s', async (caller = '', callee = '') => {
    const alice = await newUser();
    const { daprHttpPort, daprApiToken } = app(caller);
    const response = await fetch(`http://127.0.0.1:${daprHttpPort}/v1.0/invoke/${callee}/method/graphql`, {
      method: 'POST',
      headers: {
        ...json,
        'dapr-api-token': daprApiToken,
        'dapr-caller-app-id': 'api-gateway',
        'x-identity': encodeIdentity({ sub: alice.id, scopes: [], claims: {} }),
      },
      body,
    });
    expect(response.status).toBe(403);
    expect(await response.text()).not.toMatch(alice.id);
  });

  it.each([
    ['to the subgraph itself, without the app token', {}],
    ['to the subgraph itself, with the app token but not through the gateway', { token: true }],
    ['to the subgraph itself, as another app', { token: true, callers: ['scheduler-service'] }],
    ['to the subgraph itself, with two callers', { token: true, callers: ['scheduler-service', 'api-gateway'] }],
  ])('sent %s', async (_, { token, callers }: { token?: boolean; callers?: string[] }) => {
    const alice = await newUser();
    const { port, appApiToken } = app('task-service');
    const headers = new Headers({ ...json, 'x-identity': encodeIdentity({ sub: alice.id, scopes: [], claims: {} }) });
    if (token) headers.set('dapr-api-token', appApiToken);
    for (const caller of callers ?? []) headers.append('dapr-caller-app-id', caller);
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers, body });
    expect(response.status).toBe(403);
  });

  it("a sidecar does not serve who lacks its API token, not even the gateway's", async () => {
    const { daprHttpPort } = app('api-gateway');
    const response = await fetch(`http://127.0.0.1:${daprHttpPort}/v1.0/invoke/task-service/method/graphql`, {
      method: 'POST',
      headers: json,
      body,
    });
    expect(response.status).toBe(401);
  });

  it.each([
    ['scheduler-service', 'task.deleted'],
    ['analytics-service', 'task.created'],
    ['task-service', 'task.reminder'],
  ])('%s may not publish %s', async (publisher, topic) => {
    const { daprHttpPort, daprApiToken } = app(publisher);
    const response = await fetch(`http://127.0.0.1:${daprHttpPort}/v1.0/publish/task-events/${topic}`, {
      method: 'POST',
      headers: { ...json, 'dapr-api-token': daprApiToken },
      body: '{}',
    });
    expect(response.status).toBe(403);
  });

  it('events and jobs are taken from the own sidecar only', async () => {
    const { port } = app('notification-service');
    const event = await fetch(`http://127.0.0.1:${port}/events/task.created`, {
      method: 'POST',
      headers: json,
      body: '{}',
    });
    expect(event.status).toBe(403);
    const job = await fetch(`http://127.0.0.1:${app('scheduler-service').port}/job/reminder-x`, {
      method: 'POST',
      headers: json,
      body: '{}',
    });
    expect(job.status).toBe(403);
    const { daprHttpPort, daprApiToken } = app('task-service');
    const invoked = await fetch(
      `http://127.0.0.1:${daprHttpPort}/v1.0/invoke/notification-service/method/events/task.created`,
      { method: 'POST', headers: { ...json, 'dapr-api-token': daprApiToken }, body: '{}' },
    );
    expect(invoked.status).toBe(403);
  });
});
