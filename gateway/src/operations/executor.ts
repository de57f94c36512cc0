import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import { executePlan } from '../executor/execute.ts';
import type { GatewayContext } from '../context.ts';
import type { SubgraphRequest, SubgraphResponse } from '../executor/run.ts';
import { refusal } from '../refusal.ts';
import type { SendToSubgraph } from '../subgraphs/client.ts';
import type { OpenSubscription } from '../subscriptions/subscribe.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { idempotencyKeyOf } from './idempotency.ts';
import type { Prepare } from './prepare.ts';
import type { OperationContext } from './server.ts';

type Gateway = NonNullable<ApolloServerOptionsWithGateway<OperationContext>['gateway']>;

/** What Apollo Server calls to validate and execute an operation that it parsed. */
export type GatewayExecutor = NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>;

/**
 * Prepares and executes operations with the gateway's own executor. `supergraphOf` gives the supergraph of the schema that
 * an operation came for: during a reload there are two.
 */
export function createExecutor(
  { metrics }: Pick<GatewayContext, 'metrics'>,
  supergraphOf: (schema: GraphQLSchema) => Supergraph,
  prepare: Prepare,
  send: SendToSubgraph,
  openSubscription: OpenSubscription,
): GatewayExecutor {
  return async ({ context, document, schema, queryHash, request }) => {
    const { caller, left } = context as OperationContext;
    const { operationName, variables, extensions } = request;
    const key = `${queryHash} ${operationName ?? ''}`;
    const asked = { key, document, operationName, variables: variables ?? {} };
    const { errors, prepared, cost } = prepare(asked, supergraphOf(schema), caller);
    if (cost !== undefined) metrics.operationCost.observe(cost);
    if (errors) return { errors };
    const { execution, supergraph } = prepared;
    if (execution.plan?.kind === 'Subscription') {
      if (caller.transport.name === 'http') throw needsStream();
      left.stream = await openSubscription({ asked, prepared, caller, cursor: extensions?.['cursor'] });
      return {};
    }
    const idempotencyKey = execution.operation.operation === 'mutation' ? idempotencyKeyOf(extensions) : undefined;
    const fetchSubgraph = (fetch: SubgraphRequest): Promise<SubgraphResponse> => {
      const options = fetch.kind === 'mutation' ? { idempotencyKey } : {};
      return send(fetch, supergraph.subgraphs.get(fetch.subgraph), caller, options);
    };
    const { compiled, access, variables: given } = execution;
    return executePlan({ compiled, access, variables: given, fetchSubgraph });
  };
}

function needsStream(): GraphQLError {
  const message =
    'a subscription needs a stream: connect by WebSocket (graphql-transport-ws), or send "accept: text/event-stream"';
  return refusal('BAD_REQUEST', message);
}
