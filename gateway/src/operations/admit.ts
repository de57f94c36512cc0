import type { Caller, GatewayContext } from '../context.ts';
import type { Charge } from '../rate/charge.ts';
import { refusal } from '../refusal.ts';
import type { OperationRequest } from './server.ts';

const MAX_NAME_LENGTH = 1000;

/** What may go on: the requests as they are to be run, and the headers that an HTTP answer has to have. */
type Admission = { requests: OperationRequest[]; headers: Record<string, string> };

/** Gives an operation that came by hash or id its document. Throws a GraphQLError where it may not run. */
export type ResolveDocument = (request: OperationRequest) => OperationRequest | Promise<OperationRequest>;

/**
 * The one step that every operation passes before anything of it is parsed, whatever its transport. Throws a GraphQLError:
 * BAD_REQUEST for a batch that is too large, and what `Charge` and `ResolveDocument` throw.
 */
export type Admit = (requests: OperationRequest[], caller: Caller) => Promise<Admission>;

/** Operations over HTTP, each of a batch, those over WebSocket and event streams, and subscriptions have one quota. */
export function createAdmit(
  { config, metrics }: GatewayContext,
  charge: Charge,
  resolve: ResolveDocument = (request) => request,
): Admit {
  return async (requests, caller) => {
    if (requests.length > config.MAX_BATCH_SIZE) {
      metrics.limitsHit.inc({ limit: 'batchSize' });
      throw refusal(
        'BAD_REQUEST',
        `a batch of ${requests.length} operations is too large: at most ${config.MAX_BATCH_SIZE} are allowed`,
      );
    }
    // It is kept with the plan.
    if (requests.some(({ operationName = '' }) => operationName.length > MAX_NAME_LENGTH))
      throw refusal('BAD_REQUEST', `an operation name is longer than ${MAX_NAME_LENGTH} characters`);
    const headers = await charge(caller, Math.max(1, requests.length));
    return { requests: await Promise.all(requests.map(resolve)), headers };
  };
}
