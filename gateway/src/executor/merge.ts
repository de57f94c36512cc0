import { setOwn, type Data } from './place.ts';
import { ownCopy, type Sharing } from './sharing.ts';

/**
 * Adds what a subgraph answered to what is there: objects field by field, lists of one length element by element. What is
 * within the target and `sharing` says to be in other places too is copied before it is changed.
 */
export function merge(target: Data, source: Data, sharing?: Sharing): void {
  for (const key in source) {
    const value = source[key];
    if (value === undefined) continue;
    if (key === '__proto__') {
      setOwn(target, key, merged(Object.hasOwn(target, key) ? target[key] : undefined, value, sharing));
      continue;
    }
    const present = target[key];
    target[key] = typeof present === 'object' && present !== null ? merged(present, value, sharing) : value;
  }
}

function merged(present: unknown, value: unknown, sharing: Sharing | undefined): unknown {
  if (typeof present !== 'object' || present === null || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(present) !== Array.isArray(value)) return value;
  if (Array.isArray(present)) {
    const values = value as unknown[];
    return present.length === values.length ? present.map((element, i) => merged(element, values[i], sharing)) : values;
  }
  const own = sharing?.objects?.has(present) ? ownCopy(sharing, present as Data) : (present as Data);
  merge(own, value as Data, sharing);
  return own;
}
