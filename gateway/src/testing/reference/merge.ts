import { getOwn, isObject, setOwn, type Data } from '../../executor/place.ts';

/** Adds what a subgraph answered to what is there: objects field by field, lists of one length element by element. */
export function merge(target: Data, source: Data): void {
  for (const [key, value] of Object.entries(source)) {
    if (value === undefined) continue;
    setOwn(target, key, merged(getOwn(target, key), value));
  }
}

function merged(present: unknown, value: unknown): unknown {
  if (isObject(present) && isObject(value)) {
    merge(present, value);
    return present;
  }
  if (Array.isArray(present) && Array.isArray(value) && present.length === value.length)
    return present.map((element, i) => merged(element, value[i]));
  return value;
}
