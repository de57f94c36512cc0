import { setOwn, type Data } from './place.ts';

/**
 * Which objects stand in several places of a response's data. Whatever is added to such an object where a plan's path
 * leads to it is added everywhere: the same path leads to all of its places. What reaches it from above, through one of
 * them, gets a copy of its own first.
 */
export type Sharing = {
  objects: Set<object> | undefined;
  /** By what they were copied from: what was asked for before that must reach them too. */
  copies: Map<object, Data[]> | undefined;
};

export function createSharing(): Sharing {
  return { objects: undefined, copies: undefined };
}

/** Notes that an object is in several places. */
export function share(sharing: Sharing, object: object): void {
  (sharing.objects ??= new Set()).add(object);
}

/** Whether two objects have the same fields, with the same values, and hold no others. */
export function areTwins(one: Data, other: Data): boolean {
  let count = 0;
  for (const key in one) {
    const value = one[key];
    if ((typeof value === 'object' && value !== null) || other[key] !== value) return false;
    count++;
  }
  for (const _key in other) count--;
  return count === 0;
}

/** A copy of JSON that shares nothing with it. */
export function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const copy: Data = {};
  for (const key in value) setOwn(copy, key, copyOf(value[key]));
  return copy as T;
}

/** The same without what is within: that is shared from now on. */
export function ownCopy(sharing: Sharing, object: Data): Data {
  const copy: Data = {};
  for (const key in object) setOwn(copy, key, shared(sharing, object[key]));
  const copies = (sharing.copies ??= new Map()).get(object) ?? [];
  sharing.copies.set(object, [...copies, copy]);
  return copy;
}

function shared(sharing: Sharing, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((element) => shared(sharing, element));
  if (typeof value === 'object' && value !== null) share(sharing, value);
  return value;
}
