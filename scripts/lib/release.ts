import { setTimeout as delay } from 'node:timers/promises';
import { CHART, helm, type Manifest, manifests } from './helm.ts';
import { kubectl } from './kubectl.ts';
import { otherTrack, type Revision, stepsBack, type Track, type Tracks, workload } from './tracks.ts';

/** A release in the cluster that KUBECONFIG names. `timeout` is Helm's, such as 10m. */
export type Release = { name: string; namespace: string; timeout: string };
export type Strategy = 'rolling' | 'blue-green';

const SETTLE_DEADLINE_MS = 120_000;

const get = ({ name, namespace }: Release, what: string, ...args: string[]): Promise<string> =>
  helm('get', what, name, '-n', namespace, ...args);

/** Every revision that Helm remembers, the latest last; none where nothing is installed. */
async function historyOf({ name, namespace }: Release): Promise<{ revision: number; status: string }[]> {
  const installed = JSON.parse(await helm('list', '-n', namespace, '-o', 'json', '--all')) as { name: string }[];
  if (!installed.some((one) => one.name === name)) return [];
  return JSON.parse(await helm('history', name, '-n', namespace, '-o', 'json'));
}
const latestOf = async (release: Release): Promise<number | undefined> => (await historyOf(release)).at(-1)?.revision;

/** The revisions that were installed without a failure, the current one last. */
export async function revisionsOf(release: Release): Promise<Revision[]> {
  const good = (await historyOf(release)).filter(({ status }) => status === 'deployed' || status === 'superseded');
  return Promise.all(
    good.map(async ({ revision }) => {
      const values = JSON.parse(await get(release, 'values', '--all', '-o', 'json', '--revision', `${revision}`));
      const tracks: Tracks = values['api-gateway']?.tracks ?? { deploy: 'blue', live: 'blue', keep: '' };
      return { revision, tracks };
    }),
  );
}

/** @throws where nothing is installed */
async function currentOf(release: Release): Promise<Revision> {
  const current = (await revisionsOf(release)).at(-1);
  if (!current) throw new Error(`there is no release ${release.name} in ${release.namespace}: deploy it first`);
  return current;
}

const settings = (tracks: Tracks): string[] =>
  Object.entries(tracks).map(([key, value]) => `--set=api-gateway.tracks.${key}=${value}`);
const waiting = ({ namespace, timeout }: Release): string[] => [
  `--namespace=${namespace}`,
  '--wait',
  `--timeout=${timeout}`,
];

/**
 * Installs the chart or upgrades it, and waits until every pod is ready with its sidecar. Blue-green leaves the gateway's
 * version that is live as it is, with the new one beside it.
 * @throws where a pod does not get ready, after the release was rolled back; where a switch is under way
 */
export async function deploy(release: Release, strategy: Strategy, helmArgs: string[]): Promise<void> {
  const current = (await revisionsOf(release)).at(-1);
  if (!current && strategy === 'blue-green')
    throw new Error('nothing is installed that could stay beside it: deploy it rolling first');
  if (current && current.tracks.keep !== '')
    throw new Error('the gateway has two versions: switch and retire, or roll back, before another is deployed');
  const live = current?.tracks.live ?? 'blue';
  const tracks: Tracks =
    strategy === 'rolling' ? { deploy: live, live, keep: '' } : { deploy: otherTrack(live), live, keep: live };
  const args = [...helmArgs, ...settings(tracks), ...waiting(release), '--atomic', '--wait-for-jobs'];
  await helm('upgrade', '--install', release.name, CHART, ...args);
  await verify(release);
}

/**
 * Has the Service lead to the version that was deployed last, once its pods have been ready for `settleSeconds`: a
 * subscriber's cursor is then within what they have seen.
 */
export async function switchTracks(release: Release, settleSeconds: number): Promise<void> {
  const { tracks } = await currentOf(release);
  if (tracks.deploy === tracks.live) throw new Error('there is no version to switch to: deploy it blue-green first');
  await settled(release, tracks.deploy, settleSeconds);
  await change(release, { deploy: tracks.deploy, live: tracks.deploy, keep: tracks.live });
}

/** Removes the version that the Service does not lead to any more. Its subscribers go on with the live one. */
export async function retire(release: Release): Promise<void> {
  const { tracks } = await currentOf(release);
  if (tracks.keep === '') throw new Error('the gateway has one version: there is none to retire');
  if (tracks.keep === tracks.live) throw new Error(`${tracks.live} is live: switch or roll back first`);
  await change(release, { ...tracks, keep: '' });
}

/**
 * Goes back to a revision, or to the one before the current; where the last step failed or broke off, to the one before
 * that. Does nothing where that is what is installed.
 * @returns the revisions by way of which it went
 */
export async function rollback(release: Release, goal?: number): Promise<number[]> {
  const revisions = await revisionsOf(release);
  const current = await currentOf(release);
  const isWhole = (await latestOf(release)) === current.revision;
  const steps = isWhole ? [] : [current.revision];
  if (goal === undefined ? isWhole : goal !== current.revision)
    steps.push(...stepsBack(revisions.slice(0, -1), current, goal));
  const manifest = (revision: number): Promise<string> => get(release, 'manifest', '--revision', `${revision}`);
  const last = steps.at(-1);
  if (last === undefined || (isWhole && (await manifest(last)) === (await manifest(current.revision)))) return [];
  for (const step of steps) await helm('rollback', release.name, `${step}`, ...waiting(release));
  await verify(release);
  return steps;
}

/** Changes the tracks and nothing else. @throws where this chart is another than the one that is installed */
async function change(release: Release, tracks: Tracks): Promise<void> {
  const args = ['upgrade', release.name, CHART, '--reuse-values', '--no-hooks', ...settings(tracks)];
  const dryRun = await helm(...args, '-n', release.namespace, '--dry-run=server', '-o', 'json');
  const next = podTemplates((JSON.parse(dryRun) as { manifest: string }).manifest);
  const now = podTemplates(await get(release, 'manifest'));
  for (const [name, template] of next)
    if (now.get(name) !== template)
      throw new Error(`${name} would change, too: do this from the revision of the repository that was deployed`);
  await helm(...args, ...waiting(release), '--atomic');
  await verify(release);
}

const podTemplates = (manifest: string): Map<string, string> =>
  new Map(
    manifests(manifest)
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ metadata, spec }) => [metadata.name, JSON.stringify(spec.template)]),
  );

const list = async ({ namespace }: Release, kind: string, selector: string): Promise<Manifest[]> =>
  (JSON.parse(await kubectl('-n', namespace, 'get', kind, '-l', selector, '-o', 'json')) as { items: Manifest[] })
    .items;

/** Helm does not notice where the sidecars' injector was away. @throws unless all is rolled out, each pod with the sidecar that it asks for */
async function verify(release: Release): Promise<void> {
  const selector = `app.kubernetes.io/instance=${release.name}`;
  const status = ['rollout', 'status', 'deployment', '-l', selector, `--timeout=${release.timeout}`];
  await kubectl('-n', release.namespace, ...status);
  // Not all ask for one: the issuer has none.
  const pods = (await list(release, 'pods', selector)).filter(
    ({ metadata }) => metadata.annotations?.['dapr.io/enabled'] === 'true',
  );
  const bare = pods.filter(
    ({ spec }) => ![...(spec.initContainers ?? []), ...spec.containers].some(({ name }: any) => name === 'daprd'),
  );
  if (bare.length > 0)
    throw new Error(
      `without a sidecar: ${bare.map(({ metadata }) => metadata.name).join(', ')}. Is Dapr's injector up?`,
    );
}

/** Waits until all pods of a track have been ready for so long. @throws where that takes too long */
async function settled(release: Release, track: Track, seconds: number): Promise<void> {
  const { namespace, timeout } = release;
  await kubectl('-n', namespace, 'rollout', 'status', `deployment/${workload(track)}`, `--timeout=${timeout}`);
  const selector = `app.kubernetes.io/instance=${release.name},track=${track}`;
  const deadline = Date.now() + seconds * 1000 + SETTLE_DEADLINE_MS;
  for (;;) {
    const ready = (await list(release, 'pods', selector)).map(({ status }) => {
      const condition = status.conditions?.find(({ type }: { type: string }) => type === 'Ready');
      return condition?.status === 'True' ? Date.parse(condition.lastTransitionTime) : Infinity;
    });
    const left = Math.max(...ready) + seconds * 1000 - Date.now();
    if (left <= 0) return;
    if (Date.now() > deadline) throw new Error(`not every pod of ${track} has been ready for ${seconds} s`);
    await delay(Math.min(left, 1000));
  }
}
