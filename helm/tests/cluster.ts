import { randomUUID } from 'node:crypto';
import { CHART, helm, type Manifest, manifests } from '../../scripts/lib/helm.ts';
import { kubectl } from '../../scripts/lib/kubectl.ts';
import { secretsOf } from '../../scripts/lib/k8s.ts';
import { rendered, values } from './rendered.ts';

/** What a cluster whose pods really run needs beside the values for development: where its images and databases are. */
const { CLUSTER_VALUES, CLUSTER_SECRETS } = process.env;
export const clusterValues = [values('dev'), ...(CLUSTER_VALUES ? [`--values=${CLUSTER_VALUES}`] : [])];

/** Makes every secret that manifests name: those of CLUSTER_SECRETS or, where pods only seem to run, with any content. */
export async function createSecrets(namespace: string, all: Manifest[]): Promise<void> {
  if (CLUSTER_SECRETS) {
    await kubectl('-n', namespace, 'apply', '-f', CLUSTER_SECRETS);
    return;
  }
  for (const [secret, keys] of secretsOf(all)) {
    const literals = [...keys].map((key) => `--from-literal=${key}=${randomUUID()}`);
    await kubectl('-n', namespace, 'create', 'secret', 'generic', secret, ...literals);
  }
}

/** A namespace that refuses pods that are not restricted, with every secret that the chart names. */
export async function createNamespace(args: string[]): Promise<{ name: string; remove: () => Promise<void> }> {
  const name = `todo-test-${randomUUID().slice(0, 8)}`;
  await kubectl('create', 'namespace', name);
  await kubectl('label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted');
  await createSecrets(name, (await rendered(...args)).all);
  return { name, remove: async () => void (await kubectl('delete', 'namespace', name, '--wait=false')) };
}

/** Installs the chart or upgrades it, and waits until every pod is ready. A failed upgrade is rolled back. */
export const install = (namespace: string, ...args: string[]): Promise<string> => {
  const wait = ['--atomic', '--wait', '--wait-for-jobs', '--timeout=120s'];
  return helm('upgrade', '--install', 'todo', CHART, `--namespace=${namespace}`, ...clusterValues, ...wait, ...args);
};

/** The objects of some kinds in a namespace. */
export async function get(namespace: string, kinds: string, ...args: string[]): Promise<Manifest[]> {
  const [list] = manifests(await kubectl('-n', namespace, 'get', kinds, '-o', 'yaml', ...args));
  return (list as unknown as { items: Manifest[] }).items;
}

/** What starts before the app in a pod with these labels; the gateway's have the browser pages as well. */
export const initContainersOf = ({ labels }: { labels?: Record<string, string> }): string[] =>
  labels?.['app.kubernetes.io/name'] === 'api-gateway' ? ['wait-for', 'pages', 'daprd'] : ['wait-for', 'daprd'];
