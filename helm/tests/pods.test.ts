import { beforeAll, describe, expect, test } from '@jest/globals';
import { readApps } from '@todo/dev/apps/list';
import type { Manifest } from '../../scripts/lib/helm.ts';
import { APPS, containersOf, issuer, podOf, rendered, values } from './rendered.ts';

let chart: Awaited<ReturnType<typeof rendered>>;
beforeAll(async () => {
  chart = await rendered(values('prod'), ...issuer);
});
const deployment = (app: string): Manifest => chart.one('Deployment', app);
const annotations = (app: string): Record<string, string> => deployment(app).spec.template.metadata.annotations;
const appContainer = (app: string) => containersOf(deployment(app)).find(({ name }) => name === app);

const seconds = (manifest: Manifest) => podOf(manifest).terminationGracePeriodSeconds;

test('every app of dapr.yaml is deployed, and nothing else', () => {
  expect(new Set(chart.ofKind('Deployment').map(({ metadata }) => metadata.name))).toEqual(new Set(APPS));
  expect(readApps('dapr.yaml').map(({ id }) => id)).toEqual(APPS);
});

describe.each(readApps('dapr.yaml'))('$id', ({ id, port, publicPort }) => {
  test('has a sidecar that knows it, asks for a token and gives one', () => {
    expect(annotations(id)).toMatchObject({
      'dapr.io/enabled': 'true',
      'dapr.io/app-id': id,
      'dapr.io/app-port': String(port),
      'dapr.io/config': id,
      'dapr.io/api-token-secret': `${id}-dapr-api-token`,
      'dapr.io/app-token-secret': `${id}-app-api-token`,
      'dapr.io/enable-native-sidecar': 'true',
    });
    for (const [variable, secret] of [
      ['DAPR_API_TOKEN', `${id}-dapr-api-token`],
      ['APP_API_TOKEN', `${id}-app-api-token`],
    ])
      expect(appContainer(id).env).toContainEqual({
        name: variable,
        valueFrom: { secretKeyRef: { name: secret, key: 'token' } },
      });
  });

  test('is probed on its internal port, and serves the public on another or not at all', () => {
    const { ports, startupProbe, readinessProbe, livenessProbe } = appContainer(id);
    expect(ports).toEqual([
      ...(publicPort === undefined ? [] : [{ name: 'http', containerPort: publicPort }]),
      { name: 'internal', containerPort: port },
    ]);
    expect(startupProbe.httpGet).toEqual({ path: '/healthz', port: 'internal' });
    expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'internal' });
    expect(livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'internal' });
  });

  test('comes up after its brokers, in a rollout before an old one leaves, on other nodes and zones', () => {
    expect(podOf(deployment(id)).initContainers[0].args).toContain('kafka.kafka.svc.cluster.local:9092');
    expect(deployment(id).spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    const keys = podOf(deployment(id)).topologySpreadConstraints.map((one: any) => one.topologyKey);
    expect(keys).toEqual(['topology.kubernetes.io/zone', 'kubernetes.io/hostname']);
  });
});

test('every pod meets the restricted standard, writes nothing, and has no token of the Kubernetes API', () => {
  for (const workload of [...chart.ofKind('Deployment'), ...chart.ofKind('Job'), ...chart.ofKind('Pod')]) {
    const pod = podOf(workload);
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
    expect([pod.hostNetwork, pod.hostPID, pod.hostIPC]).toEqual(Array(3).fill(undefined));
    // Nothing of the node: folders that end with the pod only.
    for (const { name, emptyDir, ...other } of pod.volumes ?? [])
      expect([name, emptyDir, other]).toEqual(['pages', expect.anything(), {}]);
    for (const container of containersOf(workload)) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources.limits.memory).toBeDefined();
      expect(container.resources.requests.cpu).toBeDefined();
    }
  }
  for (const account of chart.ofKind('ServiceAccount'))
    expect(account).toMatchObject({ automountServiceAccountToken: false });
  for (const app of APPS) {
    expect(annotations(app)['dapr.io/sidecar-seccomp-profile-type']).toBe('RuntimeDefault');
    expect(annotations(app)['dapr.io/disable-builtin-k8s-secret-store']).toBe('true');
  }
});

test('a pod is given the time that its app and then its sidecar take to stop', async () => {
  const sidecar = Number(annotations('api-gateway')['dapr.io/graceful-shutdown-seconds']);
  const { DRAIN_DELAY_MS, SHUTDOWN_GRACE_MS } = chart.one('ConfigMap', 'api-gateway').data ?? {};
  expect(seconds(deployment('api-gateway'))).toBeGreaterThan(
    (Number(DRAIN_DELAY_MS) + Number(SHUTDOWN_GRACE_MS)) / 1000 + 5 + sidecar,
  );
  // Its own delay does what the others' pause before the signal does.
  expect(appContainer('api-gateway').lifecycle).toBeUndefined();
  const pause = appContainer('task-service').lifecycle.preStop.sleep.seconds;
  expect(pause).toBeGreaterThan(0);
  expect(seconds(deployment('task-service'))).toBeGreaterThan(pause + 10 + sidecar);

  const longer = await rendered(values('prod'), ...issuer, '--set=api-gateway.env.SHUTDOWN_GRACE_MS=120500');
  expect(seconds(longer.one('Deployment', 'api-gateway'))).toBe(10 + 121 + 5 + sidecar + 5);
});

test('no secret is rendered: manifests name what is made beforehand', () => {
  expect(chart.ofKind('Secret')).toEqual([]);
  const named = new Set(JSON.stringify(chart.all).match(/(?<="secretKeyRef":\{"name":")[^"]+/g));
  expect(named).toEqual(
    new Set([
      ...APPS.flatMap((app) => [`${app}-dapr-api-token`, `${app}-app-api-token`]),
      ...['task', 'scheduler', 'notification', 'analytics'].map((name) => `${name}-service-database`),
      'api-gateway-redis',
    ]),
  );
});

test('of what runs more than once one at a time may be evicted; of what runs once nothing holds up a drain', async () => {
  for (const app of APPS) {
    const { maxUnavailable, selector } = chart.one('PodDisruptionBudget', app).spec;
    expect(maxUnavailable).toBe(1);
    expect(selector.matchLabels).toMatchObject({ 'app.kubernetes.io/name': app });
    expect(deployment(app).spec.template.metadata.labels).toMatchObject(selector.matchLabels);
  }
  expect((await rendered(values('dev'))).ofKind('PodDisruptionBudget')).toEqual([]);
});

test('the topics are created before anything is installed or upgraded', async () => {
  const job = chart.one('Job', 'create-topics');
  expect(job.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'pre-install,pre-upgrade' });
  const { one } = await rendered(
    values('dev'),
    '--set=global.kafka.auth=password',
    '--set=global.kafka.privateCa=true',
  );
  const [container] = containersOf(one('Job', 'create-topics'));
  expect(container.env).toEqual(
    expect.arrayContaining([
      { name: 'KAFKA_AUTH', value: 'password' },
      { name: 'KAFKA_PASSWORD', valueFrom: { secretKeyRef: { name: 'kafka', key: 'password' } } },
      { name: 'KAFKA_CA_CERT', valueFrom: { secretKeyRef: { name: 'kafka', key: 'ca.crt' } } },
    ]),
  );
});

const gateway = () => podOf(deployment('api-gateway'));
const pagesOf = (pod: any) => pod.initContainers.find(({ name }: { name: string }) => name === 'pages');

describe('the browser pages', () => {
  test('are copied from their own image to where the gateway serves them', () => {
    expect(pagesOf(gateway())).toMatchObject({
      image: expect.stringMatching(/\/todo-web[:@]/),
      args: ['install.ts', '/pages'],
      volumeMounts: [{ name: 'pages', mountPath: '/pages' }],
    });
    expect(gateway().volumes).toEqual([{ name: 'pages', emptyDir: { sizeLimit: '64Mi' } }]);
    expect(appContainer('api-gateway').volumeMounts).toEqual([{ name: 'pages', mountPath: '/pages', readOnly: true }]);
    expect(chart.one('ConfigMap', 'api-gateway')['data']).toMatchObject({
      PAGES_DIR: '/pages',
      PAGES_WITH_INLINE_STYLES: 'graphiql',
    });
  });

  test('come by digest where there is one, and stay away where they are not wanted', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const pinned = await rendered(values('prod'), ...issuer, `--set=api-gateway.pages.digest=${digest}`);
    expect(pagesOf(podOf(pinned.one('Deployment', 'api-gateway'))).image).toMatch(new RegExp(`/todo-web@${digest}$`));
    const without = await rendered(values('prod'), ...issuer, '--set=api-gateway.pages.enabled=false');
    const pod = podOf(without.one('Deployment', 'api-gateway'));
    expect([pagesOf(pod), pod.volumes, pod.containers[0].volumeMounts]).toEqual([undefined, undefined, undefined]);
    expect(without.one('ConfigMap', 'api-gateway')['data']).not.toHaveProperty('PAGES_DIR');
  });

  test('no other app has them', () => {
    for (const app of APPS.slice(1)) expect(pagesOf(podOf(deployment(app)))).toBeUndefined();
  });
});
