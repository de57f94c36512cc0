import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from '@jest/globals';
import { chartApps } from '../../scripts/lib/chart-apps.ts';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const { workspaces } = JSON.parse(readFileSync('package.json', 'utf8')) as { workspaces: string[] };

test('the image installs by the manifests of all workspaces: npm ci refuses a lock file that has more', () => {
  const manifests = workspaces.flatMap((pattern) => globSync(`${pattern}/package.json`)).sort();
  const copied = [...dockerfile.matchAll(/^COPY (\S+\/package\.json) (\S+)\/$/gm)];
  expect(copied.map(([, from]) => from).sort()).toEqual(manifests);
  for (const [, from = '', to] of copied) expect(to).toBe(dirname(from));
});

test('it runs as nobody in particular, without a shell, and installs no development dependency', () => {
  const [, last = ''] = dockerfile.split(/^FROM \$\{RUN_IMAGE\}/m);
  expect(dockerfile).toMatch(/RUN_IMAGE=gcr\.io\/distroless\/\S+:nonroot/);
  expect(last).toContain('USER 65532:65532');
  expect(last).not.toMatch(/^RUN/m);
  expect(dockerfile).toContain('--omit=dev --ignore-scripts');
});

test('every app of the charts has sources where its image looks for them', () => {
  for (const { service } of Object.values(chartApps())) expect(globSync(`${service}/src/main.ts`)).toHaveLength(1);
});
