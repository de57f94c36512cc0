import type { Stop } from '@todo/service/shutdown';
import { Agent, errors, request } from 'undici';
import type { GatewayConfig } from '../config.ts';
import type { SubgraphRequest, SubgraphResponse } from '../executor/run.ts';
import { answerOf } from './answer.ts';
import type { Deadline } from './deadline.ts';
import { SubgraphFailure } from './failure.ts';

/** One fetch, ready to be sent. */
export type Call = { kind: SubgraphRequest['kind']; url: string; headers: Record<string, string>; body: string };

/** Gets the GraphQL response to a call. Throws a SubgraphFailure where there is none to be had. */
export type Exchange = (call: Call, limit: Deadline) => Promise<SubgraphResponse>;

/**
 * Sends each call once, over connections of the subgraph's own: a slow subgraph takes none from the others, also where all
 * are reached through one sidecar. Connections are kept, without pipelining. Calls that find all of them taken wait,
 * SUBGRAPH_QUEUE at most.
 */
export function createExchange(config: GatewayConfig, service: string): { exchange: Exchange; stop: Stop } {
  const dispatcher = new Agent({
    connections: config.SUBGRAPH_CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    // The deadline governs.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: config.MAX_SUBGRAPH_RESPONSE_BYTES,
  });
  const most = config.SUBGRAPH_CONNECTIONS + config.SUBGRAPH_QUEUE;
  let pending = 0;

  const exchange: Exchange = async ({ url, headers, body }, { signal, timedOut }) => {
    if (pending >= most) throw new SubgraphFailure(service, 'busy');
    pending++;
    try {
      const response = await request(url, { dispatcher, method: 'POST', headers, body, signal });
      return answerOf(service, response.statusCode, await response.body.text());
    } catch (error) {
      if (error instanceof SubgraphFailure) throw error;
      if (timedOut()) throw new SubgraphFailure(service, 'timeout', error);
      if (signal.aborted) throw new SubgraphFailure(service, 'cancelled', error);
      if (error instanceof errors.ResponseExceededMaxSizeError) throw new SubgraphFailure(service, 'oversized', error);
      // A request that cannot be sent at all is a fault of this program's.
      if (!hasCode(error) || error instanceof errors.InvalidArgumentError) throw error;
      throw new SubgraphFailure(service, 'unreachable', error);
    } finally {
      pending--;
    }
  };
  return { exchange, stop: () => dispatcher.close() };
}

/** Whether an error is the operating system's, of TLS, or of the HTTP client. */
function hasCode(error: unknown): boolean {
  return typeof (error as { code?: unknown }).code === 'string';
}
