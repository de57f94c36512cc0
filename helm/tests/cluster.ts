import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { CHART, helm, type Manifest, manifests } from '../../scripts/lib/helm.ts';
import { secretsOf } from '../../scripts/lib/k8s.ts';
import { rendered, values } from './rendered.ts';

/** The cluster that KUBECONFIG names. @throws with what kubectl said, where it failed */
export async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('kubectl', args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** A namespace that refuses pods that are not restricted, with every secret that the chart names. */
export async function createNamespace(args: string[]): Promise<{ name: string; remove: () => Promise<void> }> {
  const name = `todo-test-${randomUUID().slice(0, 8)}`;
  await kubectl('create', 'namespace', name);
  await kubectl('label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted');
  for (const [secret, keys] of secretsOf((await rendered(...args)).all)) {
    const literals = [...keys].map((key) => `--from-literal=${key}=${randomUUID()}`);
    await kubectl('-n', name, 'create', 'secret', 'generic', secret, ...literals);
  }
  return { name, remove: async () => void (await kubectl('delete', 'namespace', name, '--wait=false')) };
}

/** Installs the chart or upgrades it, and waits until every pod is ready. A failed upgrade is rolled back. */
export const install = (namespace: string, ...args: string[]): Promise<string> => {
  const wait = ['--atomic', '--wait', '--wait-for-jobs', '--timeout=60s'];
  return helm('upgrade', '--install', 'todo', CHART, `--namespace=${namespace}`, values('dev'), ...wait, ...args);
};

/** The objects of some kinds in a namespace. */
export async function get(namespace: string, kinds: string, ...args: string[]): Promise<Manifest[]> {
  const [list] = manifests(await kubectl('-n', namespace, 'get', kinds, '-o', 'yaml', ...args));
  return (list as unknown as { items: Manifest[] }).items;
}
