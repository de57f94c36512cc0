import type { Stop } from '@todo/service/shutdown';
import { errors, Pool, type Dispatcher } from 'undici';
import type { GatewayConfig } from '../config.ts';
import type { SubgraphRequest, SubgraphResponse } from '../executor/run.ts';
import type { Address } from './address.ts';
import { answerOf } from './answer.ts';
import type { Deadline } from './deadline.ts';
import { SubgraphFailure } from './failure.ts';

/** One fetch, ready to be sent. */
export type Call = { kind: SubgraphRequest['kind']; headers: Record<string, string>; body: string };

/** Gets the GraphQL response to a call. Throws a SubgraphFailure where there is none to be had. */
export type Exchange = (call: Call, limit: Deadline) => Promise<SubgraphResponse>;

/**
 * Sends each call once, over connections of the subgraph's own: a slow subgraph takes none from the others, also where all
 * are reached through one sidecar. Connections are kept, without pipelining. Calls that find all of them taken wait,
 * SUBGRAPH_QUEUE at most.
 */
export function createExchange(
  config: GatewayConfig,
  service: string,
  { origin, path }: Pick<Address, 'origin' | 'path'>,
): { exchange: Exchange; stop: Stop } {
  const pool = new Pool(origin, {
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

  const exchange: Exchange = async ({ headers, body }, limit) => {
    if (pending >= most) throw new SubgraphFailure(service, 'busy');
    pending++;
    try {
      const { status, text } = await send(pool, { path, method: 'POST', headers, body }, limit);
      return answerOf(service, status, text);
    } catch (error) {
      if (error instanceof SubgraphFailure) throw error;
      if (limit.timedOut()) throw new SubgraphFailure(service, 'timeout', error);
      if (limit.isOver()) throw new SubgraphFailure(service, 'cancelled', error);
      if (error instanceof errors.ResponseExceededMaxSizeError) throw new SubgraphFailure(service, 'oversized', error);
      // A request that cannot be sent at all is a fault of this program's.
      if (!hasCode(error) || error instanceof errors.InvalidArgumentError) throw error;
      throw new SubgraphFailure(service, 'unreachable', error);
    } finally {
      pending--;
    }
  };
  return { exchange, stop: () => pool.close() };
}

/** Sends a request and takes in the whole response, without a stream that nobody would read from. */
function send(
  pool: Pool,
  request: Dispatcher.DispatchOptions,
  limit: Deadline,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    let controller: Dispatcher.DispatchController | undefined;
    const giveUp = (): void => {
      const reason = limit.reason();
      controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
      // It may still wait for a connection.
      reject(reason as Error);
    };
    if (limit.isOver()) return giveUp();
    limit.onceOver(giveUp);
    pool.dispatch(request, {
      onRequestStart: (given) => {
        controller = given;
        if (limit.isOver()) giveUp();
      },
      onResponseStart: (_controller, statusCode) => void (status = statusCode),
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd: () => {
        const [first] = chunks;
        resolve({ status, text: (chunks.length === 1 && first ? first : Buffer.concat(chunks)).toString() });
      },
      onResponseError: (_controller, error) => reject(error),
    });
  });
}

/** Whether an error is the operating system's, of TLS, or of the HTTP client. */
function hasCode(error: unknown): boolean {
  return typeof (error as { code?: unknown }).code === 'string';
}
