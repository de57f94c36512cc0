import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import { getOperationAST, GraphQLError, getVariableValues, type GraphQLSchema } from 'graphql';
import { executePlan } from '../executor/execute.ts';
import type { Caller, GatewayContext } from '../context.ts';
import type { SubgraphRequest, SubgraphResponse } from '../executor/run.ts';
import type { SendToSubgraph } from '../subgraphs/client.ts';
import type { OpenSubscription } from '../subscriptions/subscribe.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { idempotencyKeyOf } from './idempotency.ts';
import { costOf } from './limits/cost.ts';
import { exceededByCost, exceededByVariables } from './limits/limits.ts';
import type { OperationContext } from './server.ts';
import { createValidation } from './validate.ts';

type Gateway = NonNullable<ApolloServerOptionsWithGateway<OperationContext>['gateway']>;

/** What Apollo Server calls to validate and execute an operation that it parsed. */
export type GatewayExecutor = NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>;

/**
 * Validates, plans and executes operations with the gateway's own executor. `supergraphOf` gives the supergraph of the
 * schema that an operation came for: during a reload there are two.
 */
export function createExecutor(
  { config, metrics }: GatewayContext,
  supergraphOf: (schema: GraphQLSchema) => Supergraph,
  send: SendToSubgraph,
  openSubscription: OpenSubscription,
): GatewayExecutor {
  const validate = createValidation(config);
  return async ({ context, document, schema, queryHash, request }) => {
    const { caller, left } = context as OperationContext;
    const invalid = validate(schema, document);
    if (invalid.length > 0) return { errors: invalid };
    if (!getOperationAST(document, request.operationName))
      return { errors: [new GraphQLError(noOperation(request.operationName))] };
    const supergraph = supergraphOf(schema);
    const variables = request.variables ?? {};
    const deep = exceededByVariables(variables, config);
    if (deep) return { errors: [deep] };
    const key = `${queryHash} ${request.operationName ?? ''}`;
    const visible = () => {
      const access = supergraph.accessTo(key, document, caller.identity);
      return { access, ...supergraph.planFor(key, document, request.operationName, access) };
    };
    const planned = visible();
    const checked = getVariableValues(schema, planned.operation.variableDefinitions ?? [], variables, {
      maxErrors: 20,
      hideSuggestions: !config.INTROSPECTION,
    });
    if (checked.errors) return { errors: checked.errors };
    const { operation, fragments } = planned;
    const { costRules: rules } = supergraph;
    const costing = { schema, fragments, variables: checked.coerced, rules, defaultListSize: config.DEFAULT_LIST_SIZE };
    const cost = costOf(costing, operation);
    metrics.operationCost.observe(cost);
    const dear = exceededByCost(cost, config, operation);
    if (dear) return { errors: [dear] };
    const { plan, ...parts } = planned;
    const execution = {
      ...parts,
      variables,
      schema: supergraph.schema,
      supergraphSchema: supergraph.supergraphSchema,
    };
    const urlOf = (fetch: SubgraphRequest): string | undefined => supergraph.subgraphs.get(fetch.subgraph);
    if (plan?.kind !== 'Subscription') {
      const key = planned.operation.operation === 'mutation' ? idempotencyKeyOf(request.extensions) : undefined;
      const fetchSubgraph = (fetch: SubgraphRequest): Promise<SubgraphResponse> =>
        send(fetch, urlOf(fetch), caller, { idempotencyKey: fetch.kind === 'mutation' ? key : undefined });
      return executePlan({ ...execution, plan, fetchSubgraph });
    }
    if (caller.transport.name === 'http') throw needsStream();
    const { coerced } = checked;
    const cursor: unknown = request.extensions?.['cursor'];
    // What an event tells of must be seen by what is asked for because of it.
    const sendFor = (fetch: SubgraphRequest, onBehalfOf: Caller): Promise<SubgraphResponse> =>
      send(fetch, urlOf(fetch), onBehalfOf, { fresh: true });
    left.stream = await openSubscription({ supergraph, execution, visible, coerced, caller, cursor, send: sendFor });
    return {};
  };
}

function noOperation(name: string | undefined): string {
  return name ? `there is no operation named "${name}"` : 'there are several operations: say which by operationName';
}

function needsStream(): GraphQLError {
  return new GraphQLError(
    'a subscription needs a stream: connect by WebSocket (graphql-transport-ws), or send "accept: text/event-stream"',
    { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } },
  );
}
