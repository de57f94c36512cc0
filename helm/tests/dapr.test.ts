import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readApps } from '@todo/dev/apps/list';
import { type Manifest, manifests } from '../../scripts/lib/helm.ts';
import { NAMESPACE, rendered, values } from './rendered.ts';

const local = (file: string): Manifest[] => manifests(readFileSync(`dev/dapr/${file}`, 'utf8'));
const resources = ['pubsub', 'state', 'bindings'].flatMap((name) => local(`resources/${name}.yaml`));
const redis = '--set=global.schedulerState.store=redis';

let chart: Awaited<ReturnType<typeof rendered>>;
beforeAll(async () => {
  chart = await rendered(values('dev'));
});
const entries = ({ spec }: Manifest): Record<string, any> =>
  Object.fromEntries(spec.metadata.map(({ name, value, secretKeyRef }: any) => [name, value ?? secretKeyRef]));

const shape = ({ metadata, spec, scopes }: Manifest) => ({
  name: metadata.name,
  type: spec.type,
  version: spec.version,
  scopes,
  entries: spec.metadata.map(({ name }: any) => name),
});

const specs = (list: Manifest[]) =>
  Object.fromEntries(list.map(({ metadata, spec, scopes }) => [metadata.name, { spec, scopes }]));
const byName = (list: Manifest[]) => Object.fromEntries(list.map((one) => [one.metadata.name, shape(one)]));

describe('Dapr in the cluster is as on one’s own machine', () => {
  test.each([
    ['postgresql', []],
    ['redis', [redis]],
  ])('the same components for the same apps, with the scheduler on %s', async (store, args) => {
    const there = await rendered(values('dev'), ...args);
    const here = [...resources, ...local(`scheduler-state/${store}/state.yaml`)];
    expect(byName(there.ofKind('Component'))).toEqual(byName(here));
  });

  test('nothing is read from a sidecar’s environment, and every component has its apps', () => {
    for (const { scopes, spec } of chart.ofKind('Component')) {
      expect(scopes?.length).toBeGreaterThan(0);
      expect(JSON.stringify(spec)).not.toContain('envRef');
    }
  });

  test('each state store has the database of its own service', () => {
    for (const name of ['task', 'notification', 'scheduler'])
      expect(entries(chart.one('Component', `${name}-state`))['connectionString']).toEqual({
        name: `${name}-service-database`,
        key: 'url',
      });
  });

  test('the scheduler’s Redis is that of the values, and its password a secret', async () => {
    const args = [
      redis,
      '--set=global.schedulerState.redis.host=cache:6380',
      '--set=global.schedulerState.redis.tls=true',
    ];
    const { one } = await rendered(values('dev'), ...args);
    expect(entries(one('Component', 'scheduler-state'))).toMatchObject({
      redisHost: 'cache:6380',
      redisDB: '0',
      enableTLS: 'true',
      redisPassword: { name: 'scheduler-service-redis', key: 'password' },
    });
  });

  test('the same subscriptions and resiliency', () => {
    expect(specs(chart.ofKind('Subscription'))).toEqual(
      specs([...local('resources/subscriptions-services.yaml'), ...local('resources/subscriptions-gateway.yaml')]),
    );
    expect(specs(chart.ofKind('Resiliency'))).toEqual(specs(local('resources/resiliency.yaml')));
  });

  test.each(readApps('dapr.yaml'))('$id may be called by the same apps, now of the release’s namespace', ({ id }) => {
    const [here] = local(`config/${id}.yaml`);
    const { accessControl, tracing, mtls } = chart.one('Configuration', id).spec;
    const policies = here?.spec.accessControl.policies?.map((policy: object) => ({ ...policy, namespace: NAMESPACE }));
    expect(accessControl).toEqual({ ...here?.spec.accessControl, ...(policies && { policies }) });
    // Those of the control plane hold.
    expect(mtls).toBeUndefined();
    // The schema of the resource wants text.
    expect(tracing.samplingRate).toBe('1');
  });
});

/** What both components are told of Kafka, beside what differs between them. */
const login = async (...args: string[]) => {
  const { ofKind } = await rendered(values('dev'), ...args);
  const kafka = ofKind('Component').filter(({ spec }) => spec.type === 'pubsub.kafka');
  expect(kafka).toHaveLength(2);
  const different = new Set(['consumerGroup', 'clientID', 'initialOffset', 'publishingScopes', 'subscriptionScopes']);
  const [one, two] = kafka.map((component) =>
    Object.fromEntries(Object.entries(entries(component)).filter(([name]) => !different.has(name))),
  );
  expect(one).toEqual(two);
  return one;
};

const secret = (key: string) => ({ name: 'kafka', key });

describe('Kafka', () => {
  test('plain text only where the values say so', async () => {
    expect(await login()).toMatchObject({ authType: 'none' });
    expect(await login('--set=global.kafka.auth=tls')).toMatchObject({ authType: 'certificate' });
  });

  test('a password is a secret’s, and goes over TLS with an authority of one’s own', async () => {
    expect(await login('--set=global.kafka.auth=password', '--set=global.kafka.privateCa=true')).toMatchObject({
      authType: 'password',
      saslMechanism: 'SHA-512',
      saslUsername: secret('username'),
      saslPassword: secret('password'),
      caCert: secret('ca.crt'),
    });
  });

  test('a client certificate is a secret’s', async () => {
    expect(await login('--set=global.kafka.auth=mtls')).toMatchObject({
      authType: 'mtls',
      clientCert: secret('tls.crt'),
      clientKey: secret('tls.key'),
    });
  });

  test('several brokers are one entry', async () => {
    expect(await login('--set=global.kafka.brokers={one:9092,two:9092}')).toMatchObject({
      brokers: 'one:9092,two:9092',
    });
  });
});
