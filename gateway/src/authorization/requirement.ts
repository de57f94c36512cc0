import type { Identity } from '@todo/service/identity';

/** Something that a caller must fulfil. `index` is its place among the supergraph's requirements. */
export type Requirement = {
  index: number;
  kind: 'authenticated' | 'scopes';
  /** The caller has all scopes of one of these sets; undefined where any identity will do. */
  scopes: readonly (readonly string[])[] | undefined;
};

/** Makes requirements, the same one for the same demand. */
export type Requirements = {
  authenticated: () => Requirement;
  scopes: (scopes: string[][]) => Requirement;
};

export function createRequirements(): Requirements {
  const known = new Map<string, Requirement>();
  const get = (key: string, kind: Requirement['kind'], scopes: Requirement['scopes']): Requirement => {
    const found = known.get(key) ?? { index: known.size, kind, scopes };
    known.set(key, found);
    return found;
  };
  return {
    authenticated: () => get('', 'authenticated', undefined),
    scopes: (given) => {
      const sets = given.map((set) => [...new Set(set)].sort());
      const scopes = [...new Map(sets.map((set) => [JSON.stringify(set), set])).entries()]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, set]) => set);
      return get(JSON.stringify(scopes), 'scopes', scopes);
    },
  };
}

/** Whether a caller fulfils a requirement; the anonymous (no identity) fulfil none. */
export function fulfils(identity: Identity | undefined, { scopes }: Requirement): boolean {
  if (!identity) return false;
  return !scopes || scopes.some((set) => set.every((scope) => identity.scopes.includes(scope)));
}
