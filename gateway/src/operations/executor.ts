import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import { getOperationAST, GraphQLError, getVariableValues, type GraphQLSchema } from 'graphql';
import { executePlan } from '../executor/execute.ts';
import type { Caller } from '../context.ts';
import type { SubgraphRequest, SubgraphResponse } from '../executor/run.ts';
import type { SendToSubgraph } from '../subgraphs/client.ts';
import type { OpenSubscription } from '../subscriptions/subscribe.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { OperationContext } from './server.ts';

type Gateway = NonNullable<ApolloServerOptionsWithGateway<OperationContext>['gateway']>;

/** What Apollo Server calls to execute an operation that it found valid. */
export type GatewayExecutor = NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>;

/**
 * Plans and executes operations with the gateway's own executor. `supergraphOf` gives the supergraph that an operation
 * was validated against: during a reload there are two.
 */
export function createExecutor(
  supergraphOf: (schema: GraphQLSchema) => Supergraph,
  send: SendToSubgraph,
  openSubscription: OpenSubscription,
): GatewayExecutor {
  return async ({ context, document, schema, queryHash, request }) => {
    const { caller, left } = context as OperationContext;
    if (!getOperationAST(document, request.operationName))
      return { errors: [new GraphQLError(noOperation(request.operationName))] };
    const supergraph = supergraphOf(schema);
    const variables = request.variables ?? {};
    const planned = supergraph.planFor(`${queryHash} ${request.operationName ?? ''}`, document, request.operationName);
    const checked = getVariableValues(schema, planned.operation.variableDefinitions ?? [], variables, {
      maxErrors: 20,
    });
    if (checked.errors) return { errors: checked.errors };
    const { plan, ...parts } = planned;
    const execution = {
      ...parts,
      variables,
      schema: supergraph.schema,
      supergraphSchema: supergraph.supergraphSchema,
    };
    const sendFor = (fetch: SubgraphRequest, onBehalfOf: Caller): Promise<SubgraphResponse> =>
      send(fetch, supergraph.subgraphs.get(fetch.subgraph), onBehalfOf);
    if (plan?.kind !== 'Subscription')
      return executePlan({ ...execution, plan, fetchSubgraph: (fetch) => sendFor(fetch, caller) });
    if (caller.transport.name === 'http') throw needsStream();
    const { coerced } = checked;
    left.stream = openSubscription({ supergraph, plan, execution, coerced, caller, send: sendFor });
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
