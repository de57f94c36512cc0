import {
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type DocumentNode,
  type OperationDefinitionNode,
} from 'graphql';
import type { Caller, GatewayContext } from '../context.ts';
import { fragmentsOf } from '../executor/collect.ts';
import type { Access } from '../authorization/access.ts';
import type { Plannable } from '../supergraph/plan-cache.ts';
import type { ReadyOperation, Supergraph } from '../supergraph/supergraph.ts';
import { infiniteVariable } from './finite-numbers.ts';
import { costOf } from './limits/cost.ts';
import { exceededByCost, exceededByVariables } from './limits/limits.ts';
import { createValidation } from './validate.ts';

/** An operation as a client asks for it; the variables are as they came. */
export type AskedOperation = Plannable & { variables: Record<string, unknown> };

/** What a supergraph makes of an operation for a caller. */
export type PreparedOperation = {
  supergraph: Supergraph;
  /** What it comes to, and the variables as the client gave them. */
  execution: ReadyOperation & { variables: Record<string, unknown>; access: Access | undefined };
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
  /** By supergraph: the costs of operations that have no variables. */
  const constant = new WeakMap<Supergraph, WeakMap<OperationDefinitionNode, number>>();
  const costOfAsked = (
    supergraph: Supergraph,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Record<string, unknown>,
  ): number => {
    const { schema, costRules: rules } = supergraph;
    let costs = constant.get(supergraph);
    if (!costs) constant.set(supergraph, (costs = new WeakMap()));
    const known = costs.get(operation);
    if (known !== undefined) return known;
    const fragments = fragmentsOf(document);
    const cost = costOf({ schema, fragments, variables, rules, defaultListSize: config.DEFAULT_LIST_SIZE }, operation);
    if (!operation.variableDefinitions?.length) costs.set(operation, cost);
    return cost;
  };
  return (asked, supergraph, { identity, span }) => {
    const { key, document, operationName, variables } = asked;
    const { schema } = supergraph;
    const validating = span && tracing?.start('graphql.validate', span);
    const invalid = validate(schema, document);
    validating?.end();
    if (invalid.length > 0) return { errors: invalid };
    const operation = getOperationAST(document, operationName);
    if (!operation) return { errors: [new GraphQLError(noOperation(operationName))] };
    const unfit = exceededByVariables(variables, config) ?? infiniteVariable(variables);
    if (unfit) return { errors: [unfit] };
    const { errors, coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
      maxErrors: 20,
      hideSuggestions: !config.INTROSPECTION,
    });
    if (errors) return { errors };
    const cost = costOfAsked(supergraph, document, operation, coerced);
    const dear = exceededByCost(cost, config, operation);
    if (dear) return { cost, errors: [dear] };
    // Planning comes last: it takes longest, and longer the more an operation costs.
    const planning = span && tracing?.start('graphql.plan', span);
    const access = supergraph.accessTo(key, document, identity);
    const ready = supergraph.planFor(key, document, operationName, access);
    planning?.end();
    return {
      cost,
      prepared: { supergraph, execution: { ...ready, access, variables }, coerced },
    };
  };
}

function noOperation(name: string | undefined): string {
  return name ? `there is no operation named "${name}"` : 'there are several operations: say which by operationName';
}
