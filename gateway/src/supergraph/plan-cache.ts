import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { bytesOf } from '../operations/document-cache.ts';

/** An operation as a client sent it; `key` says document and operation name. */
export type Plannable = { key: string; document: DocumentNode; operationName: string | undefined };

/**
 * Told of each use of a cache: whether the plan was there, or else how long planning took, in seconds; and of each plan
 * that had to go for another.
 */
export type ObservePlans = { hit: () => void; planned: (seconds: number) => void; evicted: () => void };

/** Query plans by operation. */
export type PlanCache<Plan> = {
  /** The plan, made by `plan` where it is not there. */
  get: (operation: Plannable, plan: () => Plan) => Plan;
  /** The operations that were asked for most often, at most `count` of them. */
  mostUsed: (count: number) => Plannable[];
  size: () => number;
};

/** What a plan cache holds at most. `bytesOfPlan`: what a plan takes in memory by now, about, beside its operation. */
export type Most<Plan> = { plans: number; bytes: number; bytesOfPlan: (plan: Plan) => number };

/**
 * Keeps at most so many plans, which take at most so much memory with their operations: what was not used for longest goes
 * first.
 */
export function createPlanCache<Plan>(most: Most<Plan>, observe?: ObservePlans): PlanCache<Plan> {
  const entries = new LRUCache<string, Plannable & { plan: Plan; planBytes: number; uses: number }>({
    max: most.plans,
    maxSize: most.bytes,
    sizeCalculation: ({ document, planBytes }) => bytesOf(document) + planBytes,
    dispose: (_entry, _key, reason) => {
      if (reason === 'evict') observe?.evicted();
    },
  });
  return {
    get: (operation, plan) => {
      const known = entries.get(operation.key);
      if (known) {
        known.uses += 1;
        observe?.hit();
        // It grows as it is used.
        const planBytes = most.bytesOfPlan(known.plan);
        if (planBytes !== known.planBytes) entries.set(operation.key, { ...known, planBytes });
        return known.plan;
      }
      const started = performance.now();
      const made = plan();
      const seconds = (performance.now() - started) / 1000;
      entries.set(operation.key, { ...operation, plan: made, planBytes: most.bytesOfPlan(made), uses: 1 });
      observe?.planned(seconds);
      return made;
    },
    // The cache gives those that were used last first, and sorting leaves equals as they are.
    mostUsed: (count) => [...entries.values()].sort((a, b) => b.uses - a.uses).slice(0, count),
    size: () => entries.size,
  };
}
