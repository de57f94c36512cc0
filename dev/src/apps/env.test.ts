import { describe, expect, test } from '@jest/globals';
import type { Infrastructure } from '../start/infrastructure.ts';
import { appEnv, sidecarEnv } from './env.ts';
import type { App } from './list.ts';

const infra: Infrastructure = {
  dapr: { dir: '/dapr', own: true },
  databaseUrls: Object.fromEntries(
    ['task', 'scheduler', 'notification', 'analytics', 'identity'].map((name) => [name, `postgres://${name}`]),
  ),
  kafkaBrokers: ['127.0.0.1:9092'],
  trust: { sentryAddress: '127.0.0.1:50001', anchorsFile: '/ca.crt', anchors: 'PEM' },
  schedulerAddress: '127.0.0.1:3591',
  mail: { SMTP_URL: 'smtp://mail', MAIL_FROM: 'todo@example.com' },
  auth: { issuer: 'http://issuer', jwksUrl: 'http://issuer/jwks', audience: 'todo' },
};

const app = (id: string, publicPort?: number): App => ({
  id,
  name: id,
  podName: `${id}-0`,
  dir: '/',
  port: 4010,
  publicPort,
  publicHost: '0.0.0.0',
  daprHttpPort: 3510,
  daprGrpcPort: 3511,
  daprInternalGrpcPort: 3512,
  metricsPort: 3513,
  configFile: '/config.yaml',
  resources: [],
  logLevel: 'warn',
  command: ['node'],
  env: {},
});

const stack = {
  root: '/project',
  env: {},
  secrets: {
    postgresPassword: '',
    databases: {},
    identitySecret: '',
    demoPassword: '',
    adminPassword: '',
    apps: Object.fromEntries(
      ['api-gateway', 'task-service', 'scheduler-service', 'analytics-service'].map((id) => [
        id,
        { daprApiToken: `dapr of ${id}`, appApiToken: `app of ${id}` },
      ]),
    ),
  },
};

/** Names of the database URLs that the sidecar of an app is told. */
const states = (id: string): string[] =>
  Object.keys(sidecarEnv(stack, infra, app(id))).filter((key) => key.endsWith('_URL'));

describe('what a process is told', () => {
  test('an app gets its own database and tokens, on loopback', () => {
    const env = appEnv(stack, infra, app('task-service'));
    expect(env).toMatchObject({
      HOST: '127.0.0.1',
      TASK_DATABASE_URL: 'postgres://task',
      APP_API_TOKEN: 'app of task-service',
    });
    expect(env).not.toHaveProperty('AUTH_ISSUER');
  });

  test('an app without a database gets none', () => {
    expect(appEnv(stack, infra, app('scheduler-service'))).not.toHaveProperty('SCHEDULER_DATABASE_URL');
  });

  test('the app with the public port listens to all, its internal port to loopback', () => {
    expect(appEnv(stack, infra, app('api-gateway', 4000))).toMatchObject({
      HOST: '0.0.0.0',
      INTERNAL_HOST: '127.0.0.1',
      INTERNAL_PORT: '4010',
      AUTH_ISSUER: 'http://issuer',
    });
  });

  test('a sidecar gets the state of its own app only', () => {
    expect(states('task-service')).toEqual(['TASK_STATE_URL']);
    expect(states('scheduler-service')).toEqual(['SCHEDULER_STATE_URL']);
    expect(states('analytics-service')).toEqual([]);
  });
});
