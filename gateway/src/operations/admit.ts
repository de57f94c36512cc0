import { GraphQLError } from 'graphql';
import type { Caller, GatewayContext } from '../context.ts';
import { quotaKey } from '../rate/key.ts';
import { StoreAway, type Quota, type RateLimiter } from '../rate/limiter.ts';
import type { OperationRequest } from './server.ts';

/** What may go on: the requests as they are to be run, and the headers that an HTTP answer has to have. */
type Admission = { requests: OperationRequest[]; headers: Record<string, string> };

/**
 * The one step that every operation passes before anything of it is parsed, whatever its transport. Throws a GraphQLError:
 * BAD_REQUEST for a batch that is too large, RATE_LIMITED (429), RATE_LIMIT_UNAVAILABLE (503).
 */
export type Admit = (requests: OperationRequest[], caller: Caller) => Promise<Admission>;

/** Operations over HTTP, each of a batch, those over WebSocket and event streams, and subscriptions have one quota. */
export function createAdmit({ config, metrics }: GatewayContext, limiter: RateLimiter): Admit {
  return async (requests, caller) => {
    if (requests.length > config.MAX_BATCH_SIZE) {
      throw new GraphQLError(
        `a batch of ${requests.length} operations is too large: at most ${config.MAX_BATCH_SIZE} are allowed`,
        { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } },
      );
    }
    const quota = await limiter.take(quotaKey(caller), Math.max(1, requests.length)).catch((error: unknown) => {
      throw error instanceof StoreAway ? unavailable() : error;
    });
    if (!quota) return { requests, headers: {} };
    if (!quota.isExceeded) return { requests, headers: headersOf(quota) };
    metrics.rateLimited.inc({ transport: caller.transport.name });
    throw limited(quota);
  };
}

/** The fields of draft-ietf-httpapi-ratelimit-headers. */
function headersOf({ limit, remaining, resetSeconds }: Quota): Record<string, string> {
  return {
    'ratelimit-policy': `"operations";q=${limit};w=60`,
    ratelimit: `"operations";r=${remaining};t=${resetSeconds}`,
  };
}

function limited(quota: Quota): GraphQLError {
  const { limit, resetSeconds: retryAfter } = quota;
  const headers = { ...headersOf(quota), 'retry-after': String(retryAfter) };
  return new GraphQLError(`more than ${limit} operations a minute: try again in ${retryAfter} seconds`, {
    extensions: { code: 'RATE_LIMITED', retryAfter, http: { status: 429, headers } },
  });
}

function unavailable(): GraphQLError {
  return new GraphQLError('the rate limit cannot be told at the moment: try again later', {
    extensions: { code: 'RATE_LIMIT_UNAVAILABLE', http: { status: 503, headers: { 'retry-after': '1' } } },
  });
}
