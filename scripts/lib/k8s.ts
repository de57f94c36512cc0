import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { helmTemplate, type Manifest, manifests } from './helm.ts';

const NAMESPACE = 'todo-app';
const GENERATED = '# Rendered by `npm run k8s:render`: do not edit.\n';
const DAY_SECONDS = 24 * 60 * 60;

/** Which file of k8s/ a manifest goes to. @throws where that is not said */
function placeOf({ kind, metadata }: Manifest): string {
  if (['Component', 'Subscription', 'Configuration', 'Resiliency'].includes(kind))
    return `components/${kind.toLowerCase()}.yaml`;
  if (kind === 'ConfigMap') return 'base/config.yaml';
  if (kind === 'NetworkPolicy') return 'base/network-policies.yaml';
  if (kind === 'Job') return 'base/topics.yaml';
  const app = metadata.labels?.['app.kubernetes.io/name'];
  if (app === undefined) throw new Error(`where does ${kind} ${metadata.name} belong in k8s/?`);
  return `deployments/${app}.yaml`;
}

const withoutHelm = (pairs: Record<string, string> | undefined): Record<string, string> | undefined => {
  const kept = Object.entries(pairs ?? {}).filter(
    ([key]) => !key.startsWith('helm.sh/') && key !== 'app.kubernetes.io/managed-by',
  );
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
};

/** A manifest as kubectl applies it: nothing in it says that Helm takes care of it. */
function plain(manifest: Manifest): Manifest {
  const { metadata } = manifest;
  metadata.labels = withoutHelm(metadata.labels);
  metadata.annotations = withoutHelm(metadata.annotations);
  const template = manifest.spec?.template?.metadata;
  if (template) template.labels = withoutHelm(template.labels);
  if (manifest.kind === 'Job') {
    // A Job cannot be changed: another one is a Job of another name.
    manifest.spec.ttlSecondsAfterFinished = DAY_SECONDS;
    metadata.name += `-${createHash('sha256').update(JSON.stringify(manifest.spec)).digest('hex').slice(0, 8)}`;
  }
  return manifest;
}

/** Every secret that manifests name, with its keys. */
export function secretsOf(all: Manifest[]): Map<string, Set<string>> {
  const secrets = new Map<string, Set<string>>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('secretKeyRef' in value) {
      const { name, key } = value.secretKeyRef as { name: string; key: string };
      secrets.set(name, (secrets.get(name) ?? new Set()).add(key));
    }
    Object.values(value).forEach(visit);
  };
  all.forEach(visit);
  return new Map([...secrets].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const secretExample = ([name, keys]: [string, Set<string>]): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  type: 'Opaque',
  stringData: Object.fromEntries([...keys].sort().map((key) => [key, ''])),
});

const yaml = (documents: object[]): string => documents.map((one) => stringify(one, { lineWidth: 0 })).join('---\n');
const kustomization = (resources: string[]): string =>
  GENERATED +
  yaml([
    {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: NAMESPACE,
      resources: resources.sort(),
    },
  ]);

/** The files of k8s/ that follow from the chart and k8s/values.yaml, by their paths there. */
export async function renderedFiles(): Promise<Record<string, string>> {
  const all = manifests(await helmTemplate(NAMESPACE, ['--values=k8s/values.yaml']));
  // What `helm test` runs is of no use to others.
  const kept = all.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] !== 'test');
  const files = Map.groupBy(kept.map(plain), placeOf);
  const inFolder = (folder: string): string[] =>
    [...files.keys()].filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1));
  return {
    ...Object.fromEntries([...files].map(([file, list]) => [file, GENERATED + yaml(list)])),
    'base/secrets.example.yaml': `${GENERATED}# Copy it, fill in every value, and keep it out of the repository.\n${yaml([...secretsOf(kept)].map(secretExample))}`,
    'base/kustomization.yaml': kustomization(['namespace.yaml', ...inFolder('base')]),
    'components/kustomization.yaml': kustomization(inFolder('components')),
    'deployments/kustomization.yaml': kustomization(inFolder('deployments')),
  };
}
