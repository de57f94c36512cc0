import { describe, expect, test } from '@jest/globals';
import { gatewayConfig } from '../../gateway/src/config.ts';
import { parseConfig } from '@todo/service/config';
import { helm } from '../../scripts/lib/helm.ts';
import { analyticsConfig } from '../../subgraphs/analytics/src/config.ts';
import { notificationConfig } from '../../subgraphs/notification/src/config.ts';
import { schedulerConfig } from '../../subgraphs/scheduler/src/config.ts';
import { taskConfig } from '../../subgraphs/task/src/config.ts';
import { containersOf, issuer, rendered, values } from './rendered.ts';

const configs = {
  'api-gateway': gatewayConfig,
  'task-service': taskConfig,
  'scheduler-service': schedulerConfig,
  'notification-service': notificationConfig,
  'analytics-service': analyticsConfig,
};

/** What an app's process is told, with something in each secret. */
async function settingsOf(app: string, ...args: string[]): Promise<Record<string, string>> {
  const chart = await rendered(...args);
  const container = containersOf(chart.one('Deployment', app)).find(({ name }) => name === app);
  const secrets = (container.env as { name: string }[]).map(({ name }) => [
    name,
    name.endsWith('_URL') ? (name === 'REDIS_URL' ? 'redis://cache' : 'postgresql://db/x') : 'secret',
  ]);
  expect(container.envFrom).toEqual([{ configMapRef: { name: app } }]);
  return { ...chart.one('ConfigMap', app).data, ...Object.fromEntries(secrets) };
}

/** Arguments that have notification read a setting from a secret. */
const from = (name: string) => [
  `--set=notification-service.secretEnv.${name}.name=mail`,
  `--set=notification-service.secretEnv.${name}.key=${name}`,
];

/** What a pod's restart hangs on. */
const sum = async (app: string, ...args: string[]): Promise<string> =>
  (await rendered(values('dev'), ...args)).one('Deployment', app).spec.template.metadata.annotations['checksum/config'];

describe('values', () => {
  test.each([['dev'], ['prod']] as const)('values-%s.yaml passes helm lint', async (name) => {
    await expect(helm('lint', '--strict', 'helm/todo-umbrella', values(name), ...issuer)).resolves.toContain(
      '0 chart(s) failed',
    );
  });

  test('whose tokens are believed has no default', async () => {
    await expect(rendered()).rejects.toThrow(/missing properties 'AUTH_ISSUER', 'AUTH_AUDIENCE', 'AUTH_JWKS_URL'/);
  });

  test.each([
    ['a setting that there is not', '--set=api-gateway.env.RATE_LIMIT_PER_MINTUE=5', /RATE_LIMIT_PER_MINTUE/],
    ['a secret as plain text', '--set=api-gateway.env.REDIS_URL=redis://x', /REDIS_URL/],
    ['a mail server’s password as plain text', '--set=notification-service.env.SMTP_URL=smtp://u:p@mail', /SMTP_URL/],
    ['a private key as plain text', '--set=notification-service.env.VAPID_PRIVATE_KEY=x', /VAPID_PRIVATE_KEY/],
    ['what the chart says itself', '--set=task-service.env.APP_PORT=1', /APP_PORT/],
    ['a value that there is not', '--set=task-service.replica=3', /replica/],
    ['no replica', '--set=task-service.replicas=0', /replicas/],
    ['a login that there is not', '--set=global.kafka.auth=kerberos', /auth/],
    ['no digest', '--set=task-service.digest=latest', /digest/],
  ])('%s is refused', async (_, argument, message) => {
    await expect(rendered(...issuer, argument)).rejects.toThrow(message);
  });

  test('a user has 10 operations a minute, and 600 for development', async () => {
    expect((await settingsOf('api-gateway', ...issuer))['RATE_LIMIT_PER_MINUTE']).toBe('10');
    expect((await settingsOf('api-gateway', values('dev')))['RATE_LIMIT_PER_MINUTE']).toBe('600');
  });

  test.each(Object.entries(configs))('%s takes the settings that it is given', async (app, schema) => {
    for (const args of [[values('dev')], [values('prod'), ...issuer]]) {
      const settings = await settingsOf(app, ...args);
      expect(() => parseConfig(schema, settings)).not.toThrow();
    }
  });

  test('notification is told of its mail server and keys by secrets', async () => {
    const chart = await rendered(
      values('dev'),
      ...from('SMTP_URL'),
      ...from('VAPID_PRIVATE_KEY'),
      '--set=notification-service.env.MAIL_FROM=todo@example.com',
    );
    const app = containersOf(chart.one('Deployment', 'notification-service')).find(
      ({ name }) => name === 'notification-service',
    );
    for (const key of ['SMTP_URL', 'VAPID_PRIVATE_KEY'])
      expect(app.env).toContainEqual({ name: key, valueFrom: { secretKeyRef: { name: 'mail', key } } });
    expect(chart.one('ConfigMap', 'notification-service').data).toMatchObject({ MAIL_FROM: 'todo@example.com' });
  });

  test('a large number stays one, and a list has commas', async () => {
    const settings = await settingsOf(
      'api-gateway',
      values('dev'),
      '--set=api-gateway.env.MAX_BODY_BYTES=2000000',
      '--set=api-gateway.env.CORS_ORIGINS={https://a.example,https://b.example}',
    );
    expect(settings['MAX_BODY_BYTES']).toBe('2000000');
    expect(settings['CORS_ORIGINS']).toBe('https://a.example,https://b.example');
  });

  test('another setting restarts the pods that read it, and no others', async () => {
    const other = '--set=api-gateway.env.MAX_DEPTH=7';
    expect(await sum('api-gateway', other)).not.toBe(await sum('api-gateway'));
    expect(await sum('task-service', other)).toBe(await sum('task-service'));
  });

  test('a service can be left out', async () => {
    const chart = await rendered(values('dev'), '--set=analytics-service.enabled=false');
    expect(chart.ofKind('Deployment').map(({ metadata }) => metadata.name)).not.toContain('analytics-service');
  });

  test('a digest goes before a tag', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const chart = await rendered(
      values('dev'),
      `--set=task-service.digest=${digest}`,
      '--set=global.image.tag=1.2.3',
      '--set=global.image.registry=registry.example/todo/',
    );
    const images = (app: string) => containersOf(chart.one('Deployment', app)).map(({ image }) => image);
    expect(new Set(images('task-service'))).toEqual(new Set([`registry.example/todo/todo-task-service@${digest}`]));
    expect(new Set(images('api-gateway'))).toEqual(
      new Set(['registry.example/todo/todo-api-gateway:1.2.3', 'registry.example/todo/todo-web:1.2.3']),
    );
  });
});
