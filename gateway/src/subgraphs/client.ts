import type { Stop } from '@todo/service/shutdown';
import { SpanKind, traceparentOf } from '@todo/service/tracing';
import type { Caller, GatewayContext } from '../context.ts';
import type { SubgraphRequest, SubgraphResponse } from '../executor/run.ts';
import { createFlights } from '../flights.ts';
import { endSpan } from '../observe/span.ts';
import { addressOf, type Address } from './address.ts';
import type { Call } from './exchange.ts';
import { SubgraphFailure } from './failure.ts';
import { headersFor, identityOf } from './headers.ts';
import { startSubgraph, type Subgraph } from './subgraph.ts';

/** `idempotencyKey`: of a mutation. `fresh`: the answer must not be older than this call. */
type SendOptions = { idempotencyKey?: string | undefined; fresh?: boolean };

/** Sends an operation to the subgraph at a routing URL, on a caller's behalf. Throws a GraphQLError on failure. */
export type SendToSubgraph = (
  request: SubgraphRequest,
  routingUrl: string | undefined,
  caller: Caller,
  options?: SendOptions,
) => Promise<SubgraphResponse>;

/** All traffic with subgraphs. */
export type SubgraphClient = {
  send: SendToSubgraph;
  /** Says which subgraphs there are from now on, by routing URL: lets go of what the others had. */
  retain: (routingUrls: ReadonlyMap<string, string>) => void;
  stop: Stop;
};

/**
 * Starts the traffic with subgraphs; each has a deadline, retries, a circuit breaker and connections of its own.
 * Identical queries of one identity that are under way at once are sent once (DEDUPLICATE). Such an answer may be as old
 * as the query that was sent, but never older than the identity's last mutation or `fresh` query through this gateway.
 * Failures: SUBGRAPH_UNAVAILABLE where no GraphQL response came in time, FORBIDDEN where the call was denied on its way.
 */
export function startSubgraphClient(context: GatewayContext): SubgraphClient {
  const { config, logger, metrics, tracing } = context;
  /** By name, and by routing URL: while one supergraph follows another, there can be two. */
  const subgraphs = new Map<string, Map<string, Subgraph>>();
  const flights = createFlights<string, SubgraphResponse>(structuredClone);
  const subgraphAt = (name: string, routingUrl: string): Subgraph => {
    const known = subgraphs.get(name)?.get(routingUrl);
    if (known) return known;
    const address = addressOf(routingUrl, config.DAPR_HTTP_ENDPOINT);
    if (!address) throw new SubgraphFailure(name, 'serverless');
    const started = startSubgraph(context, name, address);
    subgraphs.set(name, (subgraphs.get(name) ?? new Map<string, Subgraph>()).set(routingUrl, started));
    return started;
  };

  const observed = async (name: string, subgraph: Subgraph, call: Call, signal: AbortSignal, caller: Caller) => {
    const started = performance.now();
    const { traceId } = caller;
    const span = caller.span && tracing?.start(`fetch ${name}`, caller.span, spanOf(name, call.kind, subgraph.address));
    if (span) call.headers['traceparent'] = traceparentOf(span);
    let outcome = 'unexpected';
    try {
      const answer = await subgraph.send(call, signal);
      outcome = answer.errors?.length ? 'errors' : 'ok';
      return answer;
    } catch (error) {
      if (!(error instanceof SubgraphFailure)) throw error;
      outcome = error.kind;
      error.extensions['traceId'] = traceId;
      // The breaker has told of itself: its refusals would fill the log.
      const level = error.kind === 'open' || error.kind === 'cancelled' ? 'debug' : 'warn';
      logger[level]({ err: error.cause ?? error, subgraph: name, kind: error.kind, traceId }, 'subgraph failed');
      throw error;
    } finally {
      metrics.fetchSeconds.observe({ subgraph: name, outcome }, (performance.now() - started) / 1000);
      if (span) endSpan(span, outcome === 'ok' ? undefined : outcome);
    }
  };

  return {
    send: async ({ subgraph: name, kind, body }, routingUrl = '', caller, options = {}) => {
      const subgraph = subgraphAt(name, routingUrl);
      const call: Call = { kind, headers: headersFor(config, subgraph.address, caller, options.idempotencyKey), body };
      const exchange = (signal: AbortSignal): Promise<SubgraphResponse> =>
        observed(name, subgraph, call, signal, caller);

      const identity = identityOf(caller);
      if (kind === 'mutation') return exchange(caller.signal).finally(() => flights.detach(identity));
      if (!config.DEDUPLICATE) return exchange(caller.signal);
      if (options.fresh) flights.detach(identity);
      const key = JSON.stringify([name, routingUrl, call.body, caller.headers]);
      const onShared = (): void => metrics.sharedFetches.inc({ subgraph: name });
      return flights.join(identity, key, caller.signal, { start: exchange, onShared }).catch((error: unknown) => {
        throw caller.signal.aborted ? new SubgraphFailure(name, 'cancelled', error) : error;
      });
    },
    retain: (routingUrls) => {
      for (const [name] of config.SUBGRAPH_TIMEOUTS)
        if (!routingUrls.has(name)) logger.warn({ subgraph: name }, 'SUBGRAPH_TIMEOUTS names an unknown subgraph');
      for (const [name, byUrl] of subgraphs)
        for (const [url, subgraph] of byUrl) {
          if (routingUrls.get(name) === url) continue;
          byUrl.delete(url);
          if (byUrl.size === 0) subgraphs.delete(name);
          subgraph.stop().catch((error: unknown) => logger.error({ err: error }, 'connections were not closed'));
        }
    },
    stop: async () => {
      const all = [...subgraphs.values()].flatMap((byUrl) => [...byUrl.values()]);
      subgraphs.clear();
      await Promise.all(all.map(({ stop }) => stop()));
    },
  };
}

function spanOf(subgraph: string, kind: Call['kind'], { hostname, port }: Address) {
  const attributes = {
    'graphql.subgraph.name': subgraph,
    'graphql.operation.type': kind,
    'server.address': hostname,
    'server.port': port,
  };
  return { kind: SpanKind.CLIENT, attributes };
}
