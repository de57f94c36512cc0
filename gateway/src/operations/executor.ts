import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import type { ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import { executePlan } from '../executor/execute.ts';
import type { Caller, GatewayContext } from '../context.ts';
import type { SubgraphRequest, SubgraphResponse } from '../executor/run.ts';
import { refusal } from '../refusal.ts';
import type { SendToSubgraph } from '../subgraphs/client.ts';
import type { OpenSubscription } from '../subscriptions/subscribe.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { idempotencyKeyOf } from './idempotency.ts';
import type { KnownDocuments } from './known-documents.ts';
import type { Prepare, PreparedOperation } from './prepare.ts';
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
  execute: Execute,
  known: KnownDocuments,
  openSubscription: OpenSubscription,
): GatewayExecutor {
  return async ({ context, document, schema, queryHash, request }) => {
    const { caller, left } = context as OperationContext;
    const { query, operationName, variables, extensions } = request;
    const asked = { key: keyOf(queryHash, operationName), document, operationName, variables: variables ?? {} };
    const { errors, prepared, cost } = prepare(asked, supergraphOf(schema), caller);
    if (cost !== undefined) metrics.operationCost.observe(cost);
    if (errors) return { errors };
    if (prepared.execution.plan?.kind === 'Subscription') {
      if (caller.transport.name === 'http') throw needsStream();
      left.stream = await openSubscription({ asked, prepared, caller, cursor: extensions?.['cursor'] });
      return {};
    }
    if (query !== undefined) known.add(query, { document, queryHash });
    return execute(prepared, caller, keyIn(prepared, extensions));
  };
}

/** What an operation is called where plans are kept: by the hash of its document, and its name. */
export function keyOf(queryHash: string, operationName: string | undefined): string {
  return `${queryHash} ${operationName ?? ''}`;
}

/** A mutation's idempotency key. Throws as `idempotencyKeyOf` does. */
export function keyIn(
  { execution }: PreparedOperation,
  extensions: Record<string, unknown> | undefined,
): string | undefined {
  return execution.operation.operation === 'mutation' ? idempotencyKeyOf(extensions) : undefined;
}

/** Executes what was prepared, and no subscription. */
export type Execute = (
  prepared: PreparedOperation,
  caller: Caller,
  idempotencyKey: string | undefined,
) => Promise<ExecutionResult>;

export function createExecute(send: SendToSubgraph): Execute {
  return ({ supergraph, execution: { compiled, access, variables } }, caller, idempotencyKey) => {
    const ofMutation = { idempotencyKey };
    const fetchSubgraph = (fetch: SubgraphRequest): Promise<SubgraphResponse> =>
      send(fetch, supergraph.subgraphs.get(fetch.subgraph), caller, fetch.kind === 'mutation' ? ofMutation : undefined);
    return executePlan({ compiled, access, variables, fetchSubgraph });
  };
}

function needsStream(): GraphQLError {
  const message =
    'a subscription needs a stream: connect by WebSocket (graphql-transport-ws), or send "accept: text/event-stream"';
  return refusal('BAD_REQUEST', message);
}
