import { readFileSync } from 'node:fs';
import { describe, expect } from '@jest/globals';
import { encodeIdentity } from '@todo/service/identity';
import { producers, topics } from '@todo/service/topics';
import { parse } from 'yaml';
import { app } from '../stack/ready.ts';
import { attack, expectNothingLeaked, tally } from './tools/attack.ts';
import { send } from './tools/client.ts';
import { callGrpc, END, overPlainTcp, overTls } from './tools/raw-calls.ts';
import { APPS, AS_DELIVERED, event, JSON_TYPE, ROUTES, SERVICES, tokenOf } from './tools/routes.ts';

describe('apps past their sidecars', () => {
  for (const id of SERVICES)
    attack(`every route of ${id}, past its sidecar`, async () => {
      const { port, appApiToken } = app(id);
      const told: string[] = [];
      const callers: [string, Record<string, string | string[]>][] = [
        ['without the app token', {}],
        ['with a wrong token', { 'dapr-api-token': 'x'.repeat(appApiToken.length) }],
        ['with the token twice', { 'dapr-api-token': [appApiToken, appApiToken] }],
        [
          'with another app’s token',
          { 'dapr-api-token': app(id === 'task-service' ? 'analytics-service' : 'task-service').appApiToken },
        ],
        ['as an app that it is not for', { 'dapr-api-token': appApiToken, 'dapr-caller-app-id': 'analytics-service' }],
        ['as two apps', { 'dapr-api-token': appApiToken, 'dapr-caller-app-id': ['api-gateway', 'scheduler-service'] }],
      ];
      for (const path of ['/graphql', ...ROUTES])
        for (const [who, headers] of callers) {
          const answer = await send({
            url: `http://127.0.0.1:${port}${path}`,
            headers: {
              ...JSON_TYPE,
              'x-identity': encodeIdentity({ sub: 'victim', scopes: ['admin'], claims: {} }),
              ...headers,
            },
            body: JSON.stringify({ query: '{ __typename }' }),
          });
          expect([id, path, who, answer.status]).toEqual([id, path, who, answer.status === 404 ? 404 : 403]);
          expectNothingLeaked(answer.text);
          told.push(String(answer.status));
        }
      expect(told).toContain('403');
      return tally(told);
    });

  attack('events at the gateway’s internal port', async () => {
    const { port, appApiToken } = app('api-gateway');
    const told: string[] = [];
    for (const headers of [
      {},
      { 'dapr-api-token': 'nonsense' },
      { 'dapr-api-token': appApiToken, 'dapr-caller-app-id': 'task-service' },
    ]) {
      const answer = await send({
        url: `http://127.0.0.1:${port}/events/task.created`,
        headers: {
          'content-type': 'application/cloudevents+json',
          ...AS_DELIVERED,
          ...(headers as Record<string, string>),
        },
        body: JSON.stringify(event('x')),
      });
      expect(answer.status).toBe(403);
      told.push(String(answer.status));
    }
    return tally(told);
  });
});

/** What access control is to allow: the gateway the subgraphs, the scheduler two routes. */
const ALLOWED = new Set([
  ...SERVICES.map((callee) => `api-gateway ${callee} /graphql`),
  'scheduler-service task-service /internal/tasks/due',
  'scheduler-service task-service /internal/occurrences',
]);

describe('calls between services', () => {
  for (const caller of APPS)
    attack(
      `calls of ${caller} that access control does not name`,
      async () => {
        const told: string[] = [];
        for (const callee of APPS.filter((id) => id !== caller))
          for (const path of ['/graphql', ...ROUTES, '/metrics', '/healthz', '/readyz', '/dapr/subscribe'])
            for (const method of ['POST', 'GET']) {
              if (ALLOWED.has(`${caller} ${callee} ${path}`) && method === 'POST') continue;
              const answer = await send({
                url: `http://127.0.0.1:${app(caller).daprHttpPort}/v1.0/invoke/${callee}/method${path}`,
                method,
                headers: { ...JSON_TYPE, ...tokenOf(caller), 'dapr-caller-app-id': 'api-gateway' },
                ...(method === 'POST' && { body: '{}' }),
              });
              expect([callee, method, path, answer.status]).toEqual([callee, method, path, 403]);
              told.push(`403 ${/ERR_\w+/.exec(answer.text)?.[0] ?? ''}`.trim());
            }
        return tally(told);
      },
      120_000,
    );

  const TRICKS = [
    'graphql/../internal/tasks/due',
    'graphql/..%2finternal%2ftasks%2fdue',
    'graphql%2f..%2finternal%2ftasks%2fdue',
    'graphql/%2e%2e/internal/tasks/due',
    'graphql//../internal/tasks/due',
    './internal/tasks/due',
    '/internal/tasks/due',
    'internal%2Ftasks%2Fdue',
    'INTERNAL/TASKS/DUE',
    'internal/tasks/due?x=/graphql',
    'internal/tasks/due%3f/graphql',
    'graphql%00/../internal/tasks/due',
    'graphql%23/../../internal/tasks/due',
    'internal;x/tasks/due',
  ];
  attack('paths that the gateway’s sidecar and the callee’s may read differently', async () => {
    const told: string[] = [];
    for (const path of TRICKS) {
      const answer = await send({
        url: `http://127.0.0.1:${app('api-gateway').daprHttpPort}/v1.0/invoke/task-service/method/${path}`,
        headers: { ...JSON_TYPE, ...tokenOf('api-gateway') },
        body: JSON.stringify({ ids: ['x'] }),
      });
      expect([path, answer.status, answer.text]).toEqual([
        path,
        expect.any(Number),
        expect.not.stringContaining('"tasks"'),
      ]);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      told.push(`${answer.status} ${/ERR_\w+/.exec(answer.text)?.[0] ?? ''}`.trim());
    }
    return tally(told);
  });
});

describe('sidecars', () => {
  const APIS: [method: string, path: string][] = [
    ['POST', '/v1.0/invoke/task-service/method/graphql'],
    ['GET', '/v1.0/state/task-state/task-1'],
    ['POST', '/v1.0/state/task-state'],
    ['POST', '/v1.0/state/task-state/transaction'],
    ['POST', '/v1.0/publish/task-events/task.created'],
    ['POST', '/v1.0/publish/bulk/task-events/task.created'],
    ['POST', '/v1.0/jobs/reminder-1-1'],
    ['POST', '/v1.0-alpha1/jobs/reminder-1-1'],
    ['DELETE', '/v1.0/jobs/reminder-1-1'],
    ['POST', '/v1.0/bindings/reconcile'],
    ['GET', '/v1.0/metadata'],
    ['PUT', '/v1.0/metadata/x'],
    ['GET', '/v1.0/secrets/kubernetes/x'],
    ['GET', '/v1.0/configuration/x'],
    ['POST', '/v1.0/actors/x/y/method/z'],
    ['POST', '/v1.0/workflows/dapr/x/start'],
    ['POST', '/v1.0/shutdown'],
  ];
  for (const id of APPS)
    attack(`every API of the sidecar of ${id} without its API token`, async () => {
      const told: string[] = [];
      const other = APPS.find((one) => one !== id) as string;
      for (const [method, path] of APIS)
        for (const headers of [
          {},
          { 'dapr-api-token': '' },
          { 'dapr-api-token': app(id).appApiToken },
          tokenOf(other),
        ]) {
          const { status, text } = await send({
            url: `http://127.0.0.1:${app(id).daprHttpPort}${path}`,
            method,
            headers: { ...JSON_TYPE, ...(headers as Record<string, string>) },
            ...(method !== 'GET' && { body: '{}' }),
          });
          expect([path, status]).toEqual([path, 401]);
          expectNothingLeaked(text);
          told.push(String(status));
        }
      return tally(told);
    });

  attack('gRPC of every sidecar without its API token', async () => {
    const told: string[] = [];
    for (const id of APPS)
      for (const method of ['GetMetadata', 'Shutdown', 'PublishEvent', 'GetState', 'InvokeService', 'ListJobsAlpha1']) {
        const status = await callGrpc(app(id).daprGrpcPort, `/dapr.proto.runtime.v1.Dapr/${method}`);
        expect([id, method, status]).toEqual([id, method, '16']);
        told.push('16 UNAUTHENTICATED');
      }
    return tally(told);
  });

  attack('the ports at which sidecars speak to each other, without a certificate', async () => {
    const told: string[] = [];
    const { apps } = parse(readFileSync('dapr.yaml', 'utf8')) as { apps: { daprInternalGRPCPort: number }[] };
    for (const { daprInternalGRPCPort: port } of apps) {
      told.push(await overPlainTcp(port), await overTls(port));
    }
    expect([...new Set(told)]).toEqual([END]);
    return tally(told);
  });

  attack('state, topics and jobs of other apps, with one’s own API token', async () => {
    const told: string[] = [];
    const stores = {
      'task-state': 'task-service',
      'scheduler-state': 'scheduler-service',
      'notification-state': 'notification-service',
    };
    for (const id of APPS) {
      for (const [store, owner] of Object.entries(stores)) {
        if (owner === id) continue;
        for (const [method, path, body] of [
          ['GET', `/v1.0/state/${store}/task-1`],
          ['POST', `/v1.0/state/${store}`, [{ key: 'forged', value: 1 }]],
          [
            'POST',
            `/v1.0/state/${store}/transaction`,
            { operations: [{ operation: 'upsert', request: { key: 'forged', value: 1 } }] },
          ],
          ['POST', `/v1.0-alpha1/state/${store}/query`, {}],
        ] as const) {
          const { status, text } = await send({
            url: `http://127.0.0.1:${app(id).daprHttpPort}${path}`,
            method,
            headers: { ...JSON_TYPE, ...tokenOf(id) },
            ...(body !== undefined && { body: JSON.stringify(body) }),
          });
          expect([id, path, text]).toEqual([
            id,
            path,
            expect.stringMatching(/"ERR_STATE_STORE_NOT_(?:FOUND|CONFIGURED)"/),
          ]);
          told.push(`${status} ${/ERR_\w+/.exec(text)?.[0]}`);
        }
      }
    }
    return tally(told);
  });

  attack('events that an app may not publish', async () => {
    const told: string[] = [];
    const scopes = publishingScopes();
    for (const [id, names] of Object.entries(producers))
      expect(scopes.get(id)).toEqual(expect.arrayContaining([...names]));
    for (const id of APPS)
      for (const { name } of topics) {
        if (scopes.get(id)?.includes(name)) continue;
        const { status, text } = await send({
          url: `http://127.0.0.1:${app(id).daprHttpPort}/v1.0/publish/task-events/${name}`,
          headers: { ...JSON_TYPE, ...tokenOf(id) },
          body: '{}',
        });
        expect([id, name, [403, 400, 404].includes(status)]).toEqual([id, name, true]);
        told.push(`${status} ${/ERR_\w+/.exec(text)?.[0] ?? ''}`);
      }
    return tally(told);
  });
});

/** What the component of services lets an app publish: `app=topic,topic;app=…`. */
function publishingScopes(): Map<string, string[]> {
  const component = readFileSync('dev/dapr/resources/pubsub.yaml', 'utf8').split('---')[0] as string;
  const { spec } = parse(component) as { spec: { metadata: { name: string; value: string }[] } };
  const { value = '' } = spec.metadata.find(({ name }) => name === 'publishingScopes') ?? {};
  return new Map(
    value.split(';').map((scope) => {
      const [id = '', names = ''] = scope.split('=');
      return [id, names.split(',')];
    }),
  );
}
