import { encodeIdentity, IDENTITY_HEADER } from '@todo/service/identity';
import type { Stop } from '@todo/service/shutdown';
import { GraphQLError } from 'graphql';
import { Agent, errors, request as send } from 'undici';
import type { Caller, GatewayContext } from '../context.ts';
import type { SubgraphRequest, SubgraphResponse } from '../executor/run.ts';
import { addressOf } from './address.ts';
import { deadline } from './deadline.ts';
import { answerOf, unavailable } from './outcome.ts';

/** Sends an operation to the subgraph at a routing URL, on a caller's behalf. Throws a GraphQLError on failure. */
export type SendToSubgraph = (
  request: SubgraphRequest,
  routingUrl: string | undefined,
  caller: Caller,
) => Promise<SubgraphResponse>;

/**
 * Starts the pool of connections to subgraphs, kept alive.
 * Failures: SUBGRAPH_UNAVAILABLE where no GraphQL response came in time, FORBIDDEN where the call was denied on its way.
 */
export function startSubgraphClient({ config, logger, metrics }: GatewayContext): { send: SendToSubgraph; stop: Stop } {
  const dispatcher = new Agent({
    connections: config.SUBGRAPH_CONNECTIONS,
    keepAliveTimeout: 30_000,
    maxResponseSize: config.MAX_SUBGRAPH_RESPONSE_BYTES,
  });

  const exchange = async (operation: SubgraphRequest, routingUrl: string | undefined, caller: Caller) => {
    const address = routingUrl === undefined ? undefined : addressOf(routingUrl, config.DAPR_HTTP_ENDPOINT);
    if (!address) throw unavailable(operation.subgraph, 'it has no server');
    const headers: Record<string, string> = {
      ...caller.headers,
      'content-type': 'application/json',
      accept: 'application/json',
      traceparent: caller.traceparent,
    };
    if (caller.identity) headers[IDENTITY_HEADER] = encodeIdentity(caller.identity);
    if (address.viaSidecar) headers['dapr-api-token'] = config.DAPR_API_TOKEN as string;
    const { query, operationName, variables } = operation;
    const limit = deadline(config.SUBGRAPH_TIMEOUT_MS, caller.signal);
    try {
      const response = await send(address.url, {
        dispatcher,
        method: 'POST',
        headers,
        body: JSON.stringify({ query, operationName, variables }),
        signal: limit.signal,
      });
      return answerOf(operation.subgraph, response.statusCode, await response.body.text());
    } catch (error) {
      if (error instanceof GraphQLError) throw error;
      throw unavailable(operation.subgraph, whyFailed(error, limit.timedOut()), error);
    } finally {
      limit.clear();
    }
  };

  return {
    send: async (operation, routingUrl, caller) => {
      const started = performance.now();
      let outcome = 'ok';
      try {
        const answer = await exchange(operation, routingUrl, caller);
        if (answer.errors?.length) outcome = 'errors';
        return answer;
      } catch (error) {
        outcome = caller.signal.aborted ? 'cancelled' : 'failed';
        const { traceId } = caller;
        if (outcome === 'failed') logger.warn({ err: error, subgraph: operation.subgraph, traceId }, 'subgraph failed');
        throw error;
      } finally {
        const seconds = (performance.now() - started) / 1000;
        metrics.fetchSeconds.observe({ subgraph: operation.subgraph, outcome }, seconds);
      }
    },
    stop: () => dispatcher.close(),
  };
}

function whyFailed(error: unknown, timedOut: boolean): string {
  if (timedOut) return 'it took too long';
  return error instanceof errors.ResponseExceededMaxSizeError ? 'its answer is too large' : 'it cannot be reached';
}
