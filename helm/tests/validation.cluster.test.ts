import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { kubectl } from '../../scripts/lib/kubectl.ts';
import { createNamespace } from './cluster.ts';
import { issuer, rendered, values } from './rendered.ts';

// The API server says what it would make of everything that the chart can render: it knows every field, or says so.
let namespace: Awaited<ReturnType<typeof createNamespace>>;
let folder: string;
beforeAll(async () => {
  namespace = await createNamespace([values('dev')]);
  folder = await mkdtemp(join(tmpdir(), 'todo-validation-'));
});
afterAll(() => Promise.all([namespace.remove(), rm(folder, { recursive: true })]));

const all = [
  '--set=global.monitoring.enabled=true',
  '--set=global.service.lagScaling.enabled=true',
  '--set=global.schedulerState.store=redis',
  '--set=global.tracing.zipkinUrl=http://zipkin.monitoring:9411/api/v2/spans',
  '--set=global.kafka.privateCa=true',
];

test.each([
  ['for development', [values('dev')]],
  ['for production', [values('prod'), ...issuer]],
  [
    'with all that can be switched on, and a password for Kafka',
    [values('prod'), ...issuer, ...all, '--set=global.kafka.auth=password'],
  ],
  [
    'with all that can be switched on, and client certificates for Kafka',
    [values('prod'), ...issuer, ...all, '--set=global.kafka.auth=mtls'],
  ],
])('the API takes every manifest %s', async (_, args) => {
  const { all: manifests } = await rendered(...args);
  const file = join(folder, 'manifests.json');
  const items = manifests.map((one) => ({ ...one, metadata: { ...one.metadata, namespace: namespace.name } }));
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const answer = await kubectl('apply', '-f', file, '--dry-run=server', '--validate=strict', '--warnings-as-errors');
  expect(answer.trim().split('\n')).toHaveLength(manifests.length);
});

test('a field that it does not know is told', async () => {
  const [manifest] = (await rendered(values('dev'))).ofKind('Deployment');
  const file = join(folder, 'wrong.json');
  const wrong = { ...manifest, spec: { ...manifest?.spec, replica: 3 } };
  await writeFile(file, JSON.stringify(wrong));
  const apply = kubectl('-n', namespace.name, 'apply', '-f', file, '--dry-run=server', '--validate=strict');
  await expect(apply).rejects.toThrow(/unknown field "spec.replica"/);
});
