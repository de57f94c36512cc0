import { isObject } from '../executor/place.ts';
import type { SubgraphResponse } from '../executor/run.ts';
import { SubgraphFailure, type FailureKind } from './failure.ts';

/** As much of an answer as a log needs. */
const EXCERPT = 500;

/**
 * The GraphQL response in a subgraph's HTTP response, whatever its status (GraphQL over HTTP, 6.4).
 * @throws SubgraphFailure where there is none: the status, or what the sidecar says, tells its kind
 */
export function answerOf(service: string, status: number, body: string): SubgraphResponse {
  const answer = parse(body);
  if (isObject(answer) && ('data' in answer || Array.isArray(answer['errors']))) return answer as SubgraphResponse;
  const cause = new Error(`status ${status}: ${body.slice(0, EXCERPT)}`);
  throw new SubgraphFailure(service, kindOf(status, answer), cause);
}

/**
 * daprd says of a call that did not arrive: 500 with ERR_DIRECT_INVOKE; of one that its time limit cut, the same with
 * "context deadline exceeded"; of one that access control denied, 403. Whatever the callee answers it passes on.
 */
function kindOf(status: number, answer: unknown): FailureKind {
  if (status === 403) return 'denied';
  if (status >= 400 && status < 500) return 'rejected';
  if (status >= 502 && status <= 504) return 'unreachable';
  if (!isObject(answer) || answer['errorCode'] !== 'ERR_DIRECT_INVOKE') return 'broken';
  return /deadline ?exceeded/i.test(String(answer['message'])) ? 'timeout' : 'unreachable';
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // no JSON, no GraphQL response: the caller says so
  }
}
