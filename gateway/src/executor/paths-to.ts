import type { ResponsePath } from '@apollo/query-planner';
import { getOwn, type Data } from './place.ts';
import type { Run } from './run.ts';
import type { Path } from './subgraph-error.ts';

/** Objects that stand in several places may stand in very many. */
const MAX_PATHS = 10_000;

/** All places of some objects that a plan's path leads to. Looked for only where an error tells of one of them. */
export function pathsTo(
  { data, sharing }: Pick<Run, 'data' | 'sharing'>,
  path: ResponsePath,
  objects: ReadonlySet<object>,
): Map<object, Path[]> {
  const found = new Map<object, Path[]>();
  let left = sharing.objects ? MAX_PATHS : Infinity;
  const here: (string | number)[] = [];
  const descend = (value: unknown, at: number): void => {
    if (typeof value !== 'object' || value === null || left <= 0) return;
    if (Array.isArray(value)) {
      const next = path[at] === '@' ? at + 1 : at;
      for (let i = 0; i < value.length; i++) {
        here.push(i);
        descend(value[i], next);
        here.pop();
      }
      return;
    }
    const step = path[at];
    if (step === '@') return;
    if (step !== undefined) {
      here.push(String(step));
      descend(getOwn(value as Data, String(step)), at + 1);
      here.pop();
      return;
    }
    left--;
    if (!objects.has(value)) return;
    const paths = found.get(value);
    if (paths) paths.push([...here]);
    else found.set(value, [[...here]]);
  };
  descend(data, 0);
  return found;
}
