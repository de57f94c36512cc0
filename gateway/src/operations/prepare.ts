import type { PlanNode, SubscriptionNode } from '@apollo/query-planner';
import { getOperationAST, getVariableValues, GraphQLError } from 'graphql';
import type { Caller, GatewayContext } from '../context.ts';
import { fragmentsOf } from '../executor/collect.ts';
import type { Execution } from '../executor/execute.ts';
import type { Plannable } from '../supergraph/plan-cache.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { costOf } from './limits/cost.ts';
import { exceededByCost, exceededByVariables } from './limits/limits.ts';
import { createValidation } from './validate.ts';

/** An operation as a client asks for it; the variables are as they came. */
export type AskedOperation = Plannable & { variables: Record<string, unknown> };

/** What a supergraph makes of an operation for a caller. */
export type PreparedOperation = {
  supergraph: Supergraph;
  plan: PlanNode | SubscriptionNode | undefined;
  execution: Omit<Execution, 'plan' | 'fetchSubgraph'>;
  /** The variables with their defaults, coerced. */
  coerced: Record<string, unknown>;
};

/** Why an operation must not run, or how it is to. `cost` is there where it came to that. */
type Preparation = { cost?: number } & (
  { errors: readonly GraphQLError[]; prepared?: undefined } | { errors?: undefined; prepared: PreparedOperation }
);

/**
 * Makes an operation ready: limits, validation, variables, cost, authorization, plan. Throws a GraphQLError where nothing is
 * left that the caller may see, or a part cannot be planned.
 */
export type Prepare = (
  asked: AskedOperation,
  supergraph: Supergraph,
  caller: Pick<Caller, 'identity' | 'span'>,
) => Preparation;

export function createPrepare({ config, tracing }: Pick<GatewayContext, 'config' | 'tracing'>): Prepare {
  const validate = createValidation(config);
  return (asked, supergraph, { identity, span }) => {
    const { key, document, operationName, variables } = asked;
    const { schema, supergraphSchema } = supergraph;
    const validating = span && tracing?.start('graphql.validate', span);
    const invalid = validate(schema, document);
    validating?.end();
    if (invalid.length > 0) return { errors: invalid };
    const operation = getOperationAST(document, operationName);
    if (!operation) return { errors: [new GraphQLError(noOperation(operationName))] };
    const deep = exceededByVariables(variables, config);
    if (deep) return { errors: [deep] };
    const { errors, coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
      maxErrors: 20,
      hideSuggestions: !config.INTROSPECTION,
    });
    if (errors) return { errors };
    const { costRules: rules } = supergraph;
    const fragments = fragmentsOf(document);
    const costing = { schema, fragments, variables: coerced, rules, defaultListSize: config.DEFAULT_LIST_SIZE };
    const cost = costOf(costing, operation);
    const dear = exceededByCost(cost, config, operation);
    if (dear) return { cost, errors: [dear] };
    // Planning comes last: it takes longest, and longer the more an operation costs.
    const planning = span && tracing?.start('graphql.plan', span);
    const access = supergraph.accessTo(key, document, identity);
    const { plan, ...planned } = supergraph.planFor(key, document, operationName, access);
    planning?.end();
    return {
      cost,
      prepared: { supergraph, plan, execution: { ...planned, access, variables, schema, supergraphSchema }, coerced },
    };
  };
}

function noOperation(name: string | undefined): string {
  return name ? `there is no operation named "${name}"` : 'there are several operations: say which by operationName';
}
