import type { PlanNode } from '@apollo/query-planner';
import {
  valueFromAST,
  typeFromAST,
  isInputType,
  type ExecutionResult,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { Access } from '../../authorization/access.ts';
import type { Data } from '../../executor/place.ts';
import { executeNode } from './plan.ts';
import type { Run } from './run.ts';
import { shapeResponse } from './shape.ts';

/** An operation that is ready to be executed. */
export type Execution = {
  /** What clients see. */
  schema: GraphQLSchema;
  supergraphSchema: GraphQLSchema;
  operation: OperationDefinitionNode;
  fragments: Map<string, FragmentDefinitionNode>;
  /** As the client gave them, already found valid. */
  variables: Data;
  /** undefined where no subgraph is asked (introspection alone, or everything skipped). */
  plan: PlanNode | undefined;
  /** The names that clients know, by names in `operation` and `plan` that only the planner uses. */
  responseNames: ReadonlyMap<string, string>;
  /** What is known before the plan runs: of a subscription, what the event says. */
  data?: Data;
  /** What of the operation the plan leaves out, and the response must not show. */
  access?: Access | undefined;
  fetchSubgraph: Run['fetchSubgraph'];
};

/**
 * What the gateway's executor is compared with: interprets a query plan, and shapes its response. Never rejects over what a subgraph does: its errors are in the result,
 * each with `path`, `extensions.code` and `extensions.service`. Where a value is missing or of a wrong type and no error
 * tells of it, `extensions.valueCompletion` does.
 */
export async function executePlan(execution: Execution): Promise<ExecutionResult> {
  const { schema, operation, fragments, variables, supergraphSchema, fetchSubgraph, responseNames } = execution;
  const defaultedVariables = withDefaults(schema, operation, variables);
  const run: Run = { supergraphSchema, variables, defaultedVariables, fetchSubgraph, responseNames, errors: [] };
  const data = execution.data ?? {};
  if (execution.plan) await executeNode(run, execution.plan, [{ value: data }]);
  const shaped = shapeResponse({
    schema,
    operation,
    fragments,
    variables: defaultedVariables,
    providedVariables: variables,
    responseNames,
    access: execution.access,
    data,
  });
  const errors = [...run.errors, ...shaped.withheld];
  const unexplained = withoutExplained(shaped.errors, errors);
  return {
    ...(errors.length > 0 && { errors }),
    data: shaped.data,
    ...(unexplained.length > 0 && { extensions: { valueCompletion: unexplained } }),
  };
}

/** The faults of values that no error tells of: neither at their place, nor above it or below. */
function withoutExplained(faults: readonly GraphQLError[], errors: readonly GraphQLError[]): readonly GraphQLError[] {
  if (faults.length === 0 || errors.length === 0) return faults;
  const places = new Set(errors.map(({ path = [] }) => path.join('.')));
  const around = new Set(errors.flatMap(({ path = [] }) => placesAbove(path)));
  return faults.filter(({ path = [] }) => {
    const place = path.join('.');
    return !around.has(place) && !placesAbove(path).some((above) => places.has(above));
  });
}

/** A place and those that it is within; the root is none of them. */
function placesAbove(path: readonly (string | number)[]): string[] {
  return path.map((_step, i) => path.slice(0, i + 1).join('.'));
}

function withDefaults(schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Data): Data {
  const defaulted: Data = Object.create(null);
  for (const { variable, type: typeNode, defaultValue } of operation.variableDefinitions ?? []) {
    const type = typeFromAST(schema, typeNode);
    if (defaultValue && isInputType(type)) defaulted[variable.name.value] = valueFromAST(defaultValue, type);
  }
  return Object.assign(defaulted, variables);
}
