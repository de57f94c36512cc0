import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../e2e/stack/eventually.ts';
import { helm } from '../../scripts/lib/helm.ts';
import { deploy, type Release, retire, revisionsOf, rollback, switchTracks } from '../../scripts/lib/release.ts';
import { createNamespace, get } from './cluster.ts';
import { containersOf, values } from './rendered.ts';

// Pods need not really run: what is seen is which pods the Service leads to, and that it never leads to none.
let release: Release;
let remove: () => Promise<void>;
const version = (tag: string): string[] => [
  values('dev'),
  '--set=global.service.replicas=2',
  `--set=global.image.tag=${tag}`,
];

beforeAll(async () => {
  const namespace = await createNamespace([values('dev')]);
  remove = namespace.remove;
  release = { name: 'todo', namespace: namespace.name, timeout: '60s' };
  await deploy(release, 'rolling', version('1.0.0'));
}, 180_000);
afterAll(() => remove());

/** The versions of the ready pods that a Service leads to. */
async function behind(service = 'api-gateway'): Promise<string[]> {
  const slices = await get(release.namespace, 'endpointslices', '-l', `kubernetes.io/service-name=${service}`);
  const endpoints = slices
    .flatMap((slice) => (slice as any).endpoints ?? [])
    .filter(({ conditions }) => conditions.ready);
  const pods = await get(release.namespace, 'pods', '-l', 'app.kubernetes.io/name=api-gateway');
  const found = endpoints.map(({ targetRef }) => pods.find(({ metadata }) => metadata.name === targetRef.name));
  // One that went between both questions: asked again.
  return found.includes(undefined) ? behind(service) : found.map(versionOf).sort();
}
// A pod may go away between the two questions.
const versionOf = (pod: any): string =>
  pod === undefined
    ? 'gone'
    : containersOf(pod)
        .find(({ name }: any) => name === 'api-gateway')
        .image.split(':')[1];

/** The version of every pod of an app, with the pod's name. */
const pods = async (app: string): Promise<string[]> =>
  (await get(release.namespace, 'pods', '-l', `app.kubernetes.io/name=${app}`))
    .filter(({ metadata }) => !('deletionTimestamp' in metadata))
    .map((pod) => `${pod.metadata.name} ${containersOf(pod).at(-1).image.split(':')[1]}`)
    .sort();
const tracks = async () => (await revisionsOf(release)).at(-1)?.tracks;
const revision = async () => (await revisionsOf(release)).at(-1)?.revision;

/** Does it, while the Service is watched. @returns the fewest pods that it led to meanwhile */
async function fewestBehindWhile(act: () => Promise<unknown>): Promise<number> {
  let fewest = Infinity;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) fewest = Math.min(fewest, (await behind()).length);
  })();
  await act().finally(() => (isOver = true));
  await watching;
  return fewest;
}

describe('blue-green', () => {
  let blue: string[];

  test('the new version stands beside the live one, whose pods are the same as before', async () => {
    blue = await pods('api-gateway');
    // Other settings, too: they are the new version's.
    await deploy(release, 'blue-green', [...version('2.0.0'), '--set=api-gateway.env.LOG_LEVEL=debug']);
    expect(await tracks()).toEqual({ deploy: 'green', live: 'blue', keep: 'blue' });
    expect(await pods('api-gateway')).toEqual(expect.arrayContaining(blue));
    await eventually(async () => expect(await behind()).toEqual(['1.0.0', '1.0.0']));
    await eventually(async () => expect(await behind('api-gateway-preview')).toEqual(['2.0.0', '2.0.0']));
    await eventually(async () =>
      expect(await pods('task-service')).toEqual([
        expect.stringMatching(/2\.0\.0$/),
        expect.stringMatching(/2\.0\.0$/),
      ]),
    );
  });

  test('nothing else is deployed, and nothing removed, before it is decided', async () => {
    await expect(deploy(release, 'rolling', version('3.0.0'))).rejects.toThrow(/has two versions/);
    await expect(retire(release)).rejects.toThrow(/blue is live/);
  });

  test('it is not switched by who has another chart than was deployed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chart-'));
    await cp('helm', folder, { recursive: true, verbatimSymlinks: true });
    const template = join(folder, 'common/templates/_deployment.yaml');
    await writeFile(
      template,
      (await readFile(template, 'utf8')).replace('        checksum/config', '        a: b\n        checksum/config'),
    );
    const chart = join(folder, 'todo-umbrella');
    await helm(
      'upgrade',
      'todo',
      chart,
      '-n',
      release.namespace,
      '--reuse-values',
      '--no-hooks',
      '--wait',
      '--timeout=60s',
    );
    await rm(folder, { recursive: true });
    await expect(switchTracks(release, 0)).rejects.toThrow(/would change, too/);
    await rollback(release);
    expect(await tracks()).toEqual({ deploy: 'green', live: 'blue', keep: 'blue' });
    expect(await pods('api-gateway')).toEqual(expect.arrayContaining(blue));
  });

  test('switched, the Service leads to the new one and the old one waits', async () => {
    expect(await fewestBehindWhile(() => switchTracks(release, 2))).toBeGreaterThan(0);
    await eventually(async () => expect(await behind()).toEqual(['2.0.0', '2.0.0']));
    expect(await pods('api-gateway')).toEqual(expect.arrayContaining(blue));
  });

  test('rolled back, it leads to the old one at once', async () => {
    expect(await fewestBehindWhile(() => rollback(release))).toBeGreaterThan(0);
    await eventually(async () => expect(await behind()).toEqual(['1.0.0', '1.0.0']));
    expect(await pods('api-gateway')).toEqual(expect.arrayContaining(blue));
    await switchTracks(release, 0);
  });

  test('retired, the old one is gone; a later rolling deployment goes on with the new one', async () => {
    await retire(release);
    await eventually(async () => expect((await pods('api-gateway')).join()).not.toMatch(/1\.0\.0/));
    await deploy(release, 'rolling', version('2.1.0'));
    expect(await tracks()).toEqual({ deploy: 'green', live: 'green', keep: '' });
    await eventually(async () => expect(await behind()).toEqual(['2.1.0', '2.1.0']));
  }, 180_000);

  test('back to before all that: the old one comes back beside the live one before the Service leads to it', async () => {
    expect(await fewestBehindWhile(() => rollback(release, 1))).toBeGreaterThan(0);
    await eventually(async () => expect(await behind()).toEqual(['1.0.0', '1.0.0']));
    await eventually(async () => expect((await pods('task-service')).join()).not.toMatch(/2\.\d\.0/));
    await eventually(async () => expect((await pods('api-gateway')).join()).not.toMatch(/2\.\d\.0/));
  }, 180_000);
});

describe('rolling', () => {
  test('what does not get ready is rolled back by itself, and there is nothing left to roll back', async () => {
    const before = await revision();
    const broken = [...version('broken'), '--set=topics.enabled=false'];
    await expect(deploy({ ...release, timeout: '15s' }, 'rolling', broken)).rejects.toThrow(/rolled back/);
    await eventually(async () => expect(await behind()).toEqual(['1.0.0', '1.0.0']));
    expect(await rollback(release, before)).toEqual([]);
  });

  test('what broke off is taken back', async () => {
    const before = await revision();
    const broken = [
      'upgrade',
      'todo',
      'helm/todo-umbrella',
      '-n',
      release.namespace,
      ...version('broken'),
      '--no-hooks',
    ];
    await expect(helm(...broken, '--wait', '--timeout=5s')).rejects.toThrow(/deadline|timed out/);
    expect(await rollback(release)).toEqual([before]);
    await eventually(async () => expect(await behind()).toEqual(['1.0.0', '1.0.0']));
  });

  test('a first one that is blue-green is refused, and so is a rollback of nothing', async () => {
    const none = { ...release, name: 'other' };
    await expect(deploy(none, 'blue-green', version('1.0.0'))).rejects.toThrow(/deploy it rolling first/);
    await expect(rollback(none)).rejects.toThrow(/no release other/);
  });
});
