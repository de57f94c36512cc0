import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../e2e/stack/eventually.ts';
import { CHART, helm, type Manifest } from '../../scripts/lib/helm.ts';
import { kubectl } from '../../scripts/lib/kubectl.ts';
import { clusterValues, createNamespace, get, initContainersOf, install } from './cluster.ts';
import { APPS, containersOf, rendered } from './rendered.ts';

// On any cluster with Dapr's control plane and the custom resources of the Prometheus operator. Where pods only seem to run,
// this shows that the API takes what the chart renders and that releases go forward and back, and not what a pod does: that is
// what CLUSTER_VALUES and CLUSTER_SECRETS are for, on a cluster with images and databases.
const args = ['--set=global.service.replicas=2', '--set=global.monitoring.enabled=true'];
let namespace: Awaited<ReturnType<typeof createNamespace>>;

/** Every pod of a service, once there are no others. */
const pods = async () => {
  const all = await get(namespace.name, 'pods', '-l', 'app.kubernetes.io/part-of=todo');
  return all.filter(({ metadata }) => APPS.includes(metadata.labels?.['app.kubernetes.io/name'] ?? ''));
};
const revision = async (): Promise<{ revision: number; status: string }> => {
  const [last] = (JSON.parse(await helm('history', 'todo', '-n', namespace.name, '-o', 'json')) as any[]).slice(-1);
  return { revision: last.revision, status: last.status };
};
const deployment = async (app: string): Promise<Manifest> => {
  const [found] = await get(namespace.name, 'deployment', `--field-selector=metadata.name=${app}`);
  if (found === undefined) throw new Error(`there is no deployment ${app}`);
  return found;
};
const imagesOf = async (app: string) => new Set(containersOf(await deployment(app)).map(({ image }) => image));
const revisions = async () =>
  Object.fromEntries(
    await Promise.all(
      APPS.map(async (app) => [
        app,
        (await deployment(app)).metadata.annotations?.['deployment.kubernetes.io/revision'],
      ]),
    ),
  );
const logLevel = async (): Promise<unknown> => {
  const [settings] = await get(namespace.name, 'configmap', '--field-selector=metadata.name=task-service');
  return settings?.data?.['LOG_LEVEL'];
};

const helmTest = (...more: string[]): Promise<string> => helm('test', 'todo', '-n', namespace.name, ...more);

const names = (list: { kind: string; metadata: { name: string } }[]) =>
  list.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();

beforeAll(async () => {
  namespace = await createNamespace(clusterValues);
  await install(namespace.name, ...args);
}, 180_000);
afterAll(() => namespace.remove());

describe('a release', () => {
  test('every pod is there, restricted, and has its sidecar, which starts before the app', async () => {
    await eventually(async () => expect(await pods()).toHaveLength(APPS.length * 2));
    for (const { metadata, spec } of await pods()) {
      const sidecar = spec.initContainers.find(({ name }: any) => name === 'daprd');
      expect(sidecar?.restartPolicy).toBe('Always');
      expect(sidecar.securityContext).toMatchObject({ runAsNonRoot: true, allowPrivilegeEscalation: false });
      expect(spec.initContainers.map(({ name }: any) => name)).toEqual(initContainersOf(metadata));
    }
  });

  test('a pod that is not restricted is refused', async () => {
    const run = ['run', 'intruder', '--image=busybox', '--restart=Never', '--privileged'];
    await expect(kubectl('-n', namespace.name, ...run)).rejects.toThrow(/violates PodSecurity "restricted/);
  });

  test('the API took every resource as it was meant', async () => {
    const chart = await rendered(...clusterValues, ...args);
    const kinds =
      'components,subscriptions,configurations,resiliencies,networkpolicies,poddisruptionbudgets,servicemonitors';
    const there = await get(namespace.name, kinds);
    const wanted = new Set(there.map(({ kind }) => kind));
    expect(wanted.size).toBe(7);
    expect(names(there)).toEqual(names(chart.all.filter(({ kind }) => wanted.has(kind))));
    // An API server drops what its schema does not know.
    for (const kind of ['Component', 'Subscription', 'Configuration', 'Resiliency'])
      for (const { metadata, spec } of there.filter((one) => one.kind === kind)) {
        const { spec: rendering } = chart.one(kind, metadata.name);
        // The namespace of the test is another than the one that was rendered.
        const same = JSON.parse(JSON.stringify(rendering).replaceAll('"todo-app"', `"${namespace.name}"`));
        expect(spec).toMatchObject(same);
      }
  });

  test('a node can be drained: one pod of a service leaves at a time', async () => {
    const budgets = await get(namespace.name, 'poddisruptionbudgets');
    expect(budgets.map(({ metadata }) => metadata.name).sort()).toEqual([...APPS].sort());
    // What an eviction is decided by.
    await eventually(async () => {
      for (const { status } of await get(namespace.name, 'poddisruptionbudgets'))
        expect(status).toMatchObject({ expectedPods: 2, currentHealthy: 2, desiredHealthy: 1, disruptionsAllowed: 1 });
    });
    const [pod] = await pods();
    const node = pod?.spec.nodeName as string;
    await kubectl(
      'drain',
      node,
      '--ignore-daemonsets',
      '--delete-emptydir-data',
      `--pod-selector=app.kubernetes.io/part-of=todo`,
      '--timeout=90s',
    );
    try {
      await eventually(async () => {
        const left = await pods();
        expect(left.filter(({ spec }) => spec.nodeName === node)).toEqual([]);
        expect(left).toHaveLength(APPS.length * 2);
      });
    } finally {
      await kubectl('uncordon', node);
    }
  });

  test('an upgrade whose pods do not get ready is rolled back by itself, and the one before goes on', async () => {
    const before = await imagesOf('task-service');
    // The Job is not to be what fails.
    const broken = ['--set=global.image.tag=broken', '--set=topics.enabled=false', '--timeout=20s'];
    await expect(install(namespace.name, ...args, ...broken)).rejects.toThrow(/rolled back/);
    expect(await revision()).toEqual({ revision: 3, status: 'deployed' });
    expect(await imagesOf('task-service')).toEqual(before);
  });

  test('an upgrade restarts the pods that it concerns, and can be taken back', async () => {
    const before = await revisions();
    await install(namespace.name, ...args, '--set=task-service.env.LOG_LEVEL=debug');
    expect(await logLevel()).toBe('debug');
    const { 'task-service': task, ...others } = await revisions();
    expect(before).toMatchObject(others);
    expect(task).not.toBe(before['task-service']);
    await helm('rollback', 'todo', '-n', namespace.name, '--wait', '--timeout', '60s');
    expect(await logLevel()).toBe('info');
  }, 180_000);

  test('helm test passes', async () => {
    await expect(helmTest()).resolves.toMatch(/test-gateway\n[^]*Phase: +Succeeded/);
  });

  test('helm test fails where its pods cannot run', async () => {
    const broken = ['--set=global.image.tag=broken', '--set=topics.enabled=false'];
    await helm('upgrade', 'todo', CHART, '-n', namespace.name, ...clusterValues, ...args, ...broken);
    await expect(helmTest('--timeout=10s')).rejects.toThrow(/timed out/);
    // It stays to be looked at, and is no part of the release.
    await kubectl('-n', namespace.name, 'delete', 'pods', '-l', 'app.kubernetes.io/component=test');
  });

  test('nothing of it is left once it is uninstalled', async () => {
    await helm('uninstall', 'todo', '-n', namespace.name, '--wait');
    const kinds =
      'all,components,subscriptions,configurations,resiliencies,networkpolicies,servicemonitors,serviceaccounts';
    await eventually(async () =>
      expect(await get(namespace.name, kinds, '-l', 'app.kubernetes.io/part-of=todo')).toEqual([]),
    );
  });
});
