import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createTask, ok } from './stack/graphql.ts';
import { app } from './stack/ready.ts';
import { newUser, type User } from './stack/user.ts';

const DUE = '/internal/tasks/due';

/** Invokes a route of the task service through an app's own sidecar, with whatever headers. */
async function invoke(caller: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  const { daprHttpPort, daprApiToken } = app(caller);
  const response = await fetch(`http://127.0.0.1:${daprHttpPort}/v1.0/invoke/task-service/method${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'dapr-api-token': daprApiToken, ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

const newTask = async (user: User): Promise<string> =>
  (await createTask(user, { title: 'Secret', dueAt: '2040-01-01T00:00:00Z' })).id;

describe('the task service tells what is due', () => {
  it('to the scheduler, in the order it is asked', async () => {
    const user = await newUser();
    const id = await newTask(user);
    const { status, text } = await invoke('scheduler-service', DUE, { ids: ['none', id, id] });
    expect(status).toBe(200);
    const task = {
      id,
      ownerId: user.id,
      title: 'Secret',
      status: 'PENDING',
      dueAt: '2040-01-01T00:00:00.000Z',
      dueTimeZone: null,
      version: 1,
    };
    expect(JSON.parse(text)).toEqual({ tasks: [null, task, task] });
  });

  it.each([{}, { ids: [] }, { ids: [1] }, { ids: Array.from({ length: 101 }, () => 'x') }, { ids: ['x'], more: 1 }])(
    'not to who asks %j',
    async (body) => {
      expect((await invoke('scheduler-service', DUE, body)).status).toBe(400);
    },
  );

  it.each(['api-gateway', 'notification-service', 'analytics-service'])(
    'not to %s, whatever it claims',
    async (caller) => {
      const id = await newTask(await newUser());
      for (const headers of [{}, { 'dapr-caller-app-id': 'scheduler-service' }]) {
        const { status, text } = await invoke(caller, DUE, { ids: [id] }, headers as Record<string, string>);
        expect(status).toBe(403);
        expect(text).not.toMatch(/Secret/);
      }
    },
  );

  it.each([
    ['without the app token', {}],
    ['with the app token alone', { token: true }],
    ['as the gateway', { token: true, callers: ['api-gateway'] }],
    ['as two callers', { token: true, callers: ['scheduler-service', 'api-gateway'] }],
  ])(
    'not to who comes past the sidecar, %s',
    async (_, { token, callers }: { token?: boolean; callers?: string[] }) => {
      const { port, appApiToken } = app('task-service');
      const headers = new Headers({ 'content-type': 'application/json' });
      if (token) headers.set('dapr-api-token', appApiToken);
      for (const caller of callers ?? []) headers.append('dapr-caller-app-id', caller);
      const response = await fetch(`http://127.0.0.1:${port}${DUE}`, {
        method: 'POST',
        headers,
        body: '{"ids":["x"]}',
      });
      expect(response.status).toBe(403);
    },
  );

  it('and the scheduler may call nothing else', async () => {
    expect((await invoke('scheduler-service', '/graphql', { query: '{ me { id } }' })).status).toBe(403);
    expect((await invoke('scheduler-service', '/internal/tasks', {})).status).toBe(403);
  });
});

describe('the task service creates the next task of a series', () => {
  const OCCURRENCES = '/internal/occurrences';
  const dueAt = '2040-01-02T00:00:00.000Z';
  const asked = (user: User, copyOf: string) => ({
    key: randomUUID(),
    id: randomUUID(),
    ownerId: user.id,
    dueAt,
    dueTimeZone: null,
    source: { copyOf },
  });

  it('for the scheduler, once for each key', async () => {
    const user = await newUser();
    const body = asked(user, await newTask(user));
    const answers = await Promise.all(Array.from({ length: 5 }, () => invoke('scheduler-service', OCCURRENCES, body)));
    for (const { status, text } of answers) expect([status, JSON.parse(text)]).toEqual([200, { id: body.id }]);
    const { tasks } = await ok(user, '{ tasks(orderBy: { field: DUE_AT }) { nodes { title dueAt } } }');
    expect(tasks.nodes.slice(1)).toEqual([{ title: 'Secret', dueAt }]);
  });

  it('not from a task of somebody else', async () => {
    const stranger = await newUser();
    const { text } = await invoke('scheduler-service', OCCURRENCES, asked(stranger, await newTask(await newUser())));
    expect(JSON.parse(text)).toEqual({ id: null });
  });

  it.each(['api-gateway', 'notification-service', 'analytics-service'])('not for %s', async (caller) => {
    const user = await newUser();
    const body = asked(user, await newTask(user));
    for (const headers of [{}, { 'dapr-caller-app-id': 'scheduler-service' }])
      expect((await invoke(caller, OCCURRENCES, body, headers as Record<string, string>)).status).toBe(403);
  });
});

it('the scheduler’s binding is its own sidecar’s', async () => {
  const { port, appApiToken } = app('scheduler-service');
  const post = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/bindings/reconcile`, { method: 'POST', headers })).status;
  expect(await post({})).toBe(403);
  expect(await post({ 'dapr-api-token': appApiToken, 'dapr-caller-app-id': 'api-gateway' })).toBe(403);
});
