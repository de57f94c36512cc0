import type { ResponsePath } from '@apollo/query-planner';
import { getOwn, type Data } from './place.ts';
import type { Sharing } from './sharing.ts';

/** Takes an object that a path leads to; `holder` has it as `key`. */
export type Visit = (object: Data, holder: object, key: string | number) => void;

/**
 * Visits the objects that a plan's path leads to, as `placesAt` finds them, but each once: what stands in several places
 * is looked through once.
 */
export function walk(data: Data, path: ResponsePath, { objects }: Sharing, visit: Visit): void {
  const seen = objects && path.map(() => new Set<object>()).concat(new Set<object>());
  const descend = (value: unknown, at: number, holder: object, key: string | number): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      const next = path[at] === '@' ? at + 1 : at;
      for (let i = 0; i < value.length; i++) descend(value[i], next, value, i);
      return;
    }
    const step = path[at];
    if (step === '@') return;
    if (seen) {
      const here = seen[at] as Set<object>;
      if (here.has(value)) return;
      here.add(value);
    }
    if (step === undefined) visit(value as Data, holder, key);
    else descend(getOwn(value as Data, String(step)), at + 1, value, String(step));
  };
  descend(data, 0, data, '');
}

/** The objects that a path leads to, each once. */
export function objectsAt(data: Data, path: ResponsePath, sharing: Sharing): Data[] {
  const found: Data[] = [];
  walk(data, path, sharing, (object) => void found.push(object));
  return found;
}

