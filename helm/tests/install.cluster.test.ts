import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../e2e/stack/eventually.ts';
import { helm } from '../../scripts/lib/helm.ts';
import { createNamespace, get, install, kubectl } from './cluster.ts';
import { APPS, containersOf, rendered, values } from './rendered.ts';

// On any cluster with Dapr's control plane and the custom resources of the Prometheus operator. Where pods do not really
// run, this shows that the API takes what the chart renders and that releases go forward and back.
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
const imagesOf = async (app: string): Promise<Set<string>> => {
  const [deployment] = await get(namespace.name, 'deployment', `--field-selector=metadata.name=${app}`);
  return new Set(deployment && containersOf(deployment).map(({ image }) => image));
};

const names = (list: { kind: string; metadata: { name: string } }[]) =>
  list.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();

beforeAll(async () => {
  namespace = await createNamespace([values('dev')]);
  await install(namespace.name, ...args);
}, 180_000);
afterAll(() => namespace.remove());

describe('a release', () => {
  test('every pod is there, restricted, and has its sidecar, which starts before the app', async () => {
    await eventually(async () => expect(await pods()).toHaveLength(APPS.length * 2));
    for (const { spec } of await pods()) {
      const sidecar = spec.initContainers.find(({ name }: any) => name === 'daprd');
      expect(sidecar?.restartPolicy).toBe('Always');
      expect(sidecar.securityContext).toMatchObject({ runAsNonRoot: true, allowPrivilegeEscalation: false });
      expect(spec.initContainers.map(({ name }: any) => name)).toEqual(['wait-for', 'daprd']);
    }
  });

  test('the API took every resource as it was meant', async () => {
    const chart = await rendered(values('dev'), ...args);
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
    expect(budgets).toHaveLength(APPS.length);
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
  }, 120_000);

  test('an upgrade whose pods do not get ready is rolled back by itself, and the one before goes on', async () => {
    const before = await imagesOf('task-service');
    // The Job is not to be what fails.
    const broken = ['--set=global.image.tag=broken', '--set=topics.enabled=false', '--timeout=20s'];
    await expect(install(namespace.name, ...args, ...broken)).rejects.toThrow(/rolled back/);
    expect(await revision()).toEqual({ revision: 3, status: 'deployed' });
    expect(await imagesOf('task-service')).toEqual(before);
  }, 120_000);

  test('an upgrade can be taken back', async () => {
    const before = await imagesOf('task-service');
    await install(namespace.name, ...args, '--set=global.image.tag=0.2.0');
    expect(await imagesOf('task-service')).toEqual(new Set(['ghcr.io/todo-federation/todo-task-service:0.2.0']));
    await helm('rollback', 'todo', '-n', namespace.name, '--wait', '--timeout', '60s');
    expect(await imagesOf('task-service')).toEqual(before);
  }, 180_000);

  test('nothing of it is left once it is uninstalled', async () => {
    await helm('uninstall', 'todo', '-n', namespace.name, '--wait');
    const kinds =
      'all,components,subscriptions,configurations,resiliencies,networkpolicies,servicemonitors,serviceaccounts';
    await eventually(async () =>
      expect(await get(namespace.name, kinds, '-l', 'app.kubernetes.io/part-of=todo')).toEqual([]),
    );
  }, 120_000);
});
