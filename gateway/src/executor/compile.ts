import type { FetchNode, PlanNode } from '@apollo/query-planner';
import {
  isInputType,
  typeFromAST,
  valueFromAST,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { Access } from '../authorization/access.ts';
import type { Data } from './place.ts';
import type { Step } from './run.ts';
import { compileNode } from './steps.ts';
import { createVariants, type Variants } from './variant.ts';

/** An operation that was planned for those who may see the same of it. */
export type OperationSource = {
  /** What clients see. */
  schema: GraphQLSchema;
  supergraphSchema: GraphQLSchema;
  operation: OperationDefinitionNode;
  fragments: Map<string, FragmentDefinitionNode>;
  /** undefined where no subgraph is asked (introspection alone, or everything skipped). */
  plan: PlanNode | undefined;
  /** The names that clients know, by names in `operation` and `plan` that only the planner uses. */
  responseNames: ReadonlyMap<string, string>;
  /** What of the operation the plan leaves out, and the response must not show. */
  access: Access | undefined;
  /** Characters that a response may have, about. */
  maxLength: number;
};

/** An operation that is ready to be executed any number of times. */
export type CompiledOperation = {
  step: Step | undefined;
  variants: Variants;
  /** The client's variables with the operation's defaults, as conditions need them. */
  withDefaults: (variables: Data) => Data;
};

/** Compiles an operation. What depends on a run's conditions or data is compiled when it is first needed. */
export function compileOperation(source: OperationSource): CompiledOperation {
  const { schema, supergraphSchema, operation, plan, responseNames } = source;
  const fetches = plan ? fetchesIn(plan) : [];
  const planned = {
    supergraphSchema,
    responseNames,
    likeOf: createLikeness(operation.operation === 'mutation' ? [] : fetches),
    mayShare: !fetches.some(({ contextRewrites }) => contextRewrites?.length),
  };
  return {
    step: plan && compileNode(planned, plan, []),
    variants: createVariants(source, supergraphSchema),
    withDefaults: compileDefaults(schema, operation),
  };
}

/** What fetches of entities ask, where several ask the same: of other places, or for other conditions. */
function createLikeness(fetches: FetchNode[]): (fetch: FetchNode) => string | undefined {
  const counts = new Map<string, number>();
  for (const fetch of fetches) counts.set(asking(fetch), (counts.get(asking(fetch)) ?? 0) + 1);
  return (fetch) => ((counts.get(asking(fetch)) ?? 0) > 1 ? asking(fetch) : undefined);
}

function asking({ serviceName, operation, operationName, inputRewrites, outputRewrites }: FetchNode): string {
  // The name says where in the plan a fetch is.
  const nameless = operationName === undefined ? operation : operation.replace(operationName, '');
  return JSON.stringify([serviceName, nameless, inputRewrites, outputRewrites]);
}

function fetchesIn(node: PlanNode): FetchNode[] {
  switch (node.kind) {
    case 'Fetch':
      return [node];
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(fetchesIn);
    case 'Flatten':
      return fetchesIn(node.node);
    case 'Condition':
      return [node.ifClause, node.elseClause].flatMap((clause) => (clause ? fetchesIn(clause) : []));
    case 'Defer':
      return [];
  }
}

function compileDefaults(schema: GraphQLSchema, { variableDefinitions }: OperationDefinitionNode) {
  const defaults: Data = Object.create(null);
  for (const { variable, type: typeNode, defaultValue } of variableDefinitions ?? []) {
    const type = typeFromAST(schema, typeNode);
    if (defaultValue && isInputType(type)) defaults[variable.name.value] = valueFromAST(defaultValue, type);
  }
  const hasNone = !variableDefinitions?.length;
  return (variables: Data): Data => (hasNone ? defaults : Object.assign(Object.create(null), defaults, variables));
}
