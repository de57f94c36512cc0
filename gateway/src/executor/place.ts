import type { ResponsePath } from '@apollo/query-planner';

/** A JSON object of the response that is being put together. */
export type Data = Record<string, unknown>;

/** An object in the response, and where it stands there. */
export type Place = { value: Data; key?: string | number; parent?: Step };

/** What lies between an object and the root: objects and lists. */
type Step = { value: unknown; key?: string | number; parent?: Step };

/** The response path of a place, from the root. */
export function pathOf(place: Step): (string | number)[] {
  const path: (string | number)[] = [];
  for (let step: Step | undefined = place; step?.key !== undefined; step = step.parent) path.unshift(step.key);
  return path;
}

/** The objects that a plan's path leads to from a place; `@` stands for every element of a list. Nulls are left out. */
export function placesAt(from: Place, path: ResponsePath): Place[] {
  const found: Place[] = [];
  descend(from, path, 0, found);
  return found;
}

function descend(step: Step, path: ResponsePath, at: number, found: Place[]): void {
  const { value } = step;
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    // Every list on the way is named by an `@`; a list at the end stands for its elements.
    const next = path[at] === '@' ? at + 1 : at;
    value.forEach((element, key) => descend({ value: element, key, parent: step }, path, next, found));
    return;
  }
  const key = path[at];
  if (key === undefined) found.push(step as Place);
  else if (key !== '@') descend({ value: getOwn(value as Data, String(key)), key, parent: step }, path, at + 1, found);
}

/**
 * The nearest object above a place, past lists.
 * Planner paths relative to an entity (`..`) count fields, not list positions.
 */
export function objectAbove(place: Place): Place | undefined {
  let step: Step | undefined = place;
  while (step && typeof step.key === 'number') step = step.parent;
  return step?.parent as Place | undefined;
}

/** A field's value: never one that comes from a prototype, whatever a client or a subgraph names its fields. */
export function getOwn(object: Data, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets a field, also one named `__proto__`, without touching a prototype. */
export function setOwn(object: Data, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
  else object[key] = value;
}

export function isObject(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
