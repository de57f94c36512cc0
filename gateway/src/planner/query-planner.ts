import type internals from '@apollo/federation-internals';
import graphs from '@apollo/query-graphs';
import planner from '@apollo/query-planner';

type Condition = { kind: string; value: unknown };

/** Conditions (@skip, @include) are booleans and variables. */
function haveEqualConditions(one: { conditionals: Condition[] }, another: { conditionals: Condition[] }): boolean {
  return (
    one.conditionals.length === another.conditionals.length &&
    one.conditionals.every(({ kind, value }, i) => {
      const other = another.conditionals[i] as Condition;
      return kind === other.kind && typeof value === typeof other.value && String(value) === String(other.value);
    })
  );
}

// The planner compares conditions pair by pair, as it would compare any two values, which takes ten times longer.
graphs.PathContext.prototype.equals = function equals(other) {
  return haveEqualConditions(this as never, other as never);
};

/**
 * Apollo's query planner, kept from taking seconds over an operation of a few hundred tokens: it weighs at most
 * `maxEvaluatedPlans` alternatives (each takes up to some milliseconds; its own default is 10,000), the likely ones first,
 * and does not look for places where the client's fragments fit into a subgraph's query, which takes quadratic time (a
 * minute for fragments that come to 7,000 fields).
 */
export function createQueryPlanner(
  supergraph: InstanceType<typeof internals.Supergraph>,
  maxEvaluatedPlans: number,
): InstanceType<typeof planner.QueryPlanner> {
  return new planner.QueryPlanner(supergraph, {
    reuseQueryFragments: false,
    debug: { maxEvaluatedPlans, pathsLimit: null },
  });
}
