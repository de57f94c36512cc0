import type { ResponsePath } from '@apollo/query-planner';
import { createCode, literal, property, type Code, type Name } from './code.ts';
import type { Data } from './place.ts';
import type { Sharing } from './sharing.ts';

/** Takes an object that a path leads to; `holder` has it as `key`. */
type Visit = (object: Data, holder: object, key: string | number) => void;

/**
 * Visits the objects that a plan's path leads to, as `placesAt` finds them, but each once: what stands in several places
 * is looked through once.
 */
export type Walk = (data: Data, sharing: Sharing, visit: Visit) => void;

type Generated = (data: Data, isSeen: (object: object) => boolean, visit: Visit) => void;

export function compileWalk(path: ResponsePath): Walk {
  const code = createCode();
  const start = code.define('data, seen, visit', `${defineStep(code, path, 0)}(data, data, '', seen, visit);`);
  const generated = code.build<Generated>(start);
  return (data, { objects }, visit) => {
    if (!objects) return generated(data, never, visit);
    const seen = new Set<object>();
    // Whatever can be reached again is in several places, or within such an object.
    generated(data, (object) => objects.has(object) && (seen.has(object) || !seen.add(object)), visit);
  };
}

function never(): boolean {
  return false;
}

/** Every list on the way is named by an `@`; a list at the end stands for its elements. */
function defineStep(code: Code, path: ResponsePath, at: number): Name {
  const step = path[at];
  const next = step === undefined ? undefined : defineStep(code, path, at + 1);
  const here = code.name();
  const list = `for (let i = 0; i < v.length; i++) ${step === '@' ? next : here}(v[i], v, i, seen, visit); return;`;
  const object =
    step === undefined
      ? 'visit(v, holder, key);'
      : step === '@'
        ? ''
        : `${next}(${property(code, 'v', String(step))}, v, ${literal(String(step))}, seen, visit);`;
  return code.define(
    'v, holder, key, seen, visit',
    `if (typeof v !== 'object' || v === null) return;
     if (Array.isArray(v)) { ${list} }
     ${object === '' ? '' : `if (seen(v)) return; ${object}`}`,
    here,
  );
}

/** The objects that a path leads to, each once. */
export function compileObjectsAt(path: ResponsePath): (data: Data, sharing: Sharing) => Data[] {
  const walk = compileWalk(path);
  return (data, sharing) => {
    const found: Data[] = [];
    walk(data, sharing, (object) => void found.push(object));
    return found;
  };
}
