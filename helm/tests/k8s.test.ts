import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { manifests } from '../../scripts/lib/helm.ts';
import { renderedFiles, secretsOf } from '../../scripts/lib/k8s.ts';

/** What people write, beside what is rendered. */
const written = ['README.md', 'values.yaml', 'kustomization.yaml', 'base/namespace.yaml'];

test('k8s/ is what the chart renders: `npm run k8s:render` where it is not', async () => {
  const files = await renderedFiles();
  for (const [name, text] of Object.entries(files))
    expect([name, readFileSync(`k8s/${name}`, 'utf8')]).toEqual([name, text]);
  const there = globSync('**/*.*', { cwd: 'k8s' });
  expect(new Set(there)).toEqual(new Set([...written, ...Object.keys(files)]));
});

test('nothing there says that Helm takes care of it, and every file is part of a kustomization', async () => {
  const files = await renderedFiles();
  for (const [name, text] of Object.entries(files)) {
    expect(text).not.toMatch(/helm\.sh|managed-by/);
    const [folder, file = ''] = name.split('/');
    if (file === 'kustomization.yaml' || file === 'secrets.example.yaml') continue;
    expect(files[`${folder}/kustomization.yaml`]).toContain(`- ${file}\n`);
  }
});

test('the example of secrets has every secret that the manifests name, with no value', async () => {
  const { 'base/secrets.example.yaml': example = '', ...files } = await renderedFiles();
  const secrets = manifests(example) as unknown as { metadata: { name: string }; stringData: Record<string, string> }[];
  const named = secretsOf(manifests(Object.values(files).join('---\n')));
  expect(new Map(secrets.map(({ metadata, stringData }) => [metadata.name, new Set(Object.keys(stringData))]))).toEqual(
    named,
  );
  expect(secrets.flatMap(({ stringData }) => Object.values(stringData)).join('')).toBe('');
});
