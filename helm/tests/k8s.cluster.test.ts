import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../e2e/stack/eventually.ts';
import { manifests } from '../../scripts/lib/helm.ts';
import { kubectl } from '../../scripts/lib/kubectl.ts';
import { createSecrets, get, initContainersOf } from './cluster.ts';
import { APPS } from './rendered.ts';

// The steps of k8s/README.md. The folder has one namespace, so there must not be a platform in it already.
const NAMESPACE = 'todo-app';
const secrets = () => manifests(readFileSync('k8s/base/secrets.example.yaml', 'utf8'));
let ours = false;

beforeAll(async () => {
  if ((await kubectl('get', 'namespace', NAMESPACE, '--ignore-not-found')) !== '')
    throw new Error(`the cluster has a namespace ${NAMESPACE} already: the test would delete it`);
  ours = true;
  await kubectl('apply', '-f', 'k8s/base/namespace.yaml');
  await createSecrets(NAMESPACE, await deployed());
});
afterAll(async () => {
  if (ours) await kubectl('delete', 'namespace', NAMESPACE, '--timeout=60s');
});
const generations = async () => {
  const kinds =
    'deployments,networkpolicies,poddisruptionbudgets,horizontalpodautoscalers,components,subscriptions,jobs';
  const all = await get(NAMESPACE, kinds);
  return Object.fromEntries(all.map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.generation]));
};
/** All that `kubectl apply -k k8s` applies. */
const deployed = async () => manifests(await kubectl('kustomize', 'k8s'));

test('the API takes every manifest of k8s/, and has nothing to warn of', async () => {
  const answer = await kubectl('apply', '-k', 'k8s', '--dry-run=server', '--warnings-as-errors', '--validate=strict');
  expect(answer.trim().split('\n')).toHaveLength((await deployed()).length);
});

test('the example of secrets can be applied', async () => {
  const answer = await kubectl('-n', NAMESPACE, 'apply', '-f', 'k8s/base/secrets.example.yaml', '--dry-run=server');
  expect(answer.trim().split('\n')).toHaveLength(secrets().length);
});

test('kubectl apply -k k8s brings up the platform, and changes nothing the second time', async () => {
  await kubectl('apply', '-k', 'k8s');
  await kubectl(
    '-n',
    NAMESPACE,
    'wait',
    '--for=condition=complete',
    'job',
    '-l',
    'app.kubernetes.io/name=create-topics',
    '--timeout=60s',
  );
  for (const app of APPS) await kubectl('-n', NAMESPACE, 'rollout', 'status', `deployment/${app}`, '--timeout=120s');
  await eventually(async () => {
    const pods = await get(NAMESPACE, 'pods', '-l', 'app.kubernetes.io/part-of=todo');
    const apps = pods.filter(({ metadata }) => APPS.includes(metadata.labels?.['app.kubernetes.io/name'] ?? ''));
    expect(new Set(apps.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/name']))).toEqual(new Set(APPS));
    for (const { metadata, spec } of apps)
      expect(spec.initContainers.map(({ name }: any) => name)).toEqual(initContainersOf(metadata));
  });
  // kubectl says that it configures what is as it should be, but the API counts changes.
  const before = await generations();
  await kubectl('apply', '-k', 'k8s');
  expect(await generations()).toEqual(before);
}, 300_000);
