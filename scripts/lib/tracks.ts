/** The versions of the gateway that a release may have at the same time. */
export type Track = 'blue' | 'green';

/** What a revision says of them (`api-gateway.tracks` of the chart's values). */
export type Tracks = {
  /** The one that the revision's chart and values are for. */
  deploy: Track;
  /** The one that the Service leads to. */
  live: Track;
  /** One that stays in the cluster as it was. */
  keep: Track | '';
};

/** A revision that was installed without a failure. */
export type Revision = { revision: number; tracks: Tracks };

export const otherTrack = (track: Track): Track => (track === 'blue' ? 'green' : 'blue');

/** The Deployment of a track. */
export const workload = (track: Track): string => (track === 'blue' ? 'api-gateway' : 'api-gateway-green');

/**
 * Which revisions to roll back to, one after the other, so that the Service never leads to a version whose pods are not
 * there: one that was removed comes back beside the live one first.
 * @param revisions those before the current one
 * @throws where there is no such revision, or no way to it
 */
export function stepsBack(revisions: Revision[], current: Revision, goal?: number): number[] {
  const to = goal === undefined ? revisions.at(-1) : revisions.find(({ revision }) => revision === goal);
  if (!to) throw new Error(`there is no revision ${goal ?? 'before this one'} that was installed without a failure`);
  const { live } = to.tracks;
  if ([current.tracks.live, current.tracks.keep, current.tracks.deploy].includes(live)) return [to.revision];
  const beside = revisions.findLast(({ tracks }) => tracks.live === current.tracks.live && tracks.keep === live);
  if (!beside || beside.revision < to.revision)
    throw new Error(`${live} is gone, and no revision has it beside ${current.tracks.live}: deploy its version again`);
  return [...new Set([beside.revision, to.revision])];
}
