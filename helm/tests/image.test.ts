import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { chartApps } from '../../scripts/lib/chart-apps.ts';

const [dockerfile, pages] = ['Dockerfile', 'web/Dockerfile'].map((file) => readFileSync(file, 'utf8')) as [
  string,
  string,
];
const { workspaces } = JSON.parse(readFileSync('package.json', 'utf8')) as { workspaces: string[] };

describe.each([
  ['services', dockerfile],
  ['pages', pages],
])('the image of %s', (_name, file) => {
  test('installs by the manifests of all workspaces: npm ci refuses a lock file that has more', () => {
    const manifests = workspaces.flatMap((pattern) => globSync(`${pattern}/package.json`)).sort();
    const copied = [...file.matchAll(/^COPY (\S+\/package\.json) (\S+)\/$/gm)];
    expect(copied.map(([, from]) => from).sort()).toEqual(manifests);
    for (const [, from = '', to] of copied) expect(to).toBe(dirname(from));
  });

  test('runs as nobody in particular, without a shell', () => {
    const [, last = ''] = file.split(/^FROM \$\{RUN_IMAGE\}/m);
    expect(file).toMatch(/RUN_IMAGE=gcr\.io\/distroless\/\S+:nonroot/);
    expect(last).toContain('USER 65532:65532');
    expect(last).not.toMatch(/^RUN/m);
    expect(file).toContain('--ignore-scripts');
  });
});

test('services are installed without development dependencies', () => {
  expect(dockerfile).toContain('--omit=dev');
});

test('every app of the charts has sources where its image looks for them', () => {
  for (const { service } of Object.values(chartApps())) expect(globSync(`${service}/src/main.ts`)).toHaveLength(1);
});
