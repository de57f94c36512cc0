import internals from '@apollo/federation-internals';
import type { Requirement } from './requirement.ts';

/**
 * The requirements among `stated` that others, fulfilled together, do not imply: those that composition did not make
 * of them by copying or conjunction.
 */
export function beyond(stated: Requirement[], others: Requirement[]): Requirement[] {
  return stated.filter((requirement) => {
    const alike = others.filter(({ kind }) => kind === requirement.kind);
    if (alike.includes(requirement)) return false;
    return requirement.scopes === undefined || alike.length === 0 || !imply(alike, requirement.scopes);
  });
}

/** Whether whoever fulfils all has all scopes of one of the sets. */
function imply(all: Requirement[], sets: NonNullable<Requirement['scopes']>): boolean {
  const together = internals.dnfConjunction(all.map(({ scopes }) => (scopes ?? []).map((set) => [...set])));
  return together.every((held) => sets.some((set) => set.every((scope) => held.includes(scope))));
}
