import { setImmediate } from 'node:timers/promises';
import { validate } from 'graphql';
import type { Plannable } from './plan-cache.ts';
import type { Supergraph } from './supergraph.ts';

/**
 * Plans operations of the supergraph in force, each once, for the one that is to follow, so that its first requests need not wait.
 * Planning blocks: requests get their turn between any two operations. What is not valid any more is left out.
 * @returns how many were planned
 */
export async function warmUp(next: Supergraph, operations: Plannable[]): Promise<number> {
  let planned = 0;
  const byKey = new Map(operations.map((operation) => [operation.key, operation]));
  for (const { key, document, operationName } of byKey.values()) {
    await setImmediate();
    if (validate(next.schema, document, undefined, { maxErrors: 1 }).length > 0) continue;
    next.planFor(key, document, operationName);
    planned += 1;
  }
  return planned;
}
