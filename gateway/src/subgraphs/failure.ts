import { GraphQLError } from 'graphql';

/**
 * What became of a fetch that has no GraphQL response. With `retry`, a query may be sent again; with `harm`, it speaks
 * against the subgraph's health.
 */
const kinds = {
  cancelled: { retry: false, harm: false, why: 'the client is gone' },
  timeout: { retry: false, harm: true, why: 'it took too long' },
  unreachable: { retry: true, harm: true, why: 'it cannot be reached' },
  broken: { retry: false, harm: true, why: 'it gave no GraphQL response' },
  rejected: { retry: false, harm: false, why: 'it did not take the request' },
  oversized: { retry: false, harm: false, why: 'its answer is too large' },
  denied: { retry: false, harm: false, why: 'the gateway is not allowed to call it' },
  busy: { retry: false, harm: false, why: 'too many requests wait for it' },
  open: { retry: false, harm: false, why: 'it failed too often and is left alone for a moment' },
  serverless: { retry: false, harm: false, why: 'it has no server' },
} as const;

/** A word for metrics and logs; the client reads `why`. */
export type FailureKind = keyof typeof kinds;

/**
 * No GraphQL response came from a subgraph: FORBIDDEN where the call was denied on its way, else SUBGRAPH_UNAVAILABLE.
 * The client learns which subgraph and in general why; `cause` has the details, addresses too, and is for the log.
 */
export class SubgraphFailure extends GraphQLError {
  readonly kind: FailureKind;

  constructor(service: string, kind: FailureKind, cause?: unknown) {
    const code = kind === 'denied' ? 'FORBIDDEN' : 'SUBGRAPH_UNAVAILABLE';
    super(
      `the subgraph ${service} ${code === 'FORBIDDEN' ? 'denied the call' : 'is unavailable'}: ${kinds[kind].why}`,
      {
        extensions: { code, service },
      },
    );
    this.name = 'SubgraphFailure';
    this.kind = kind;
    this.cause = cause;
  }
}

/** Whether a query that failed so may be sent again. */
export function mayRetry(error: unknown): boolean {
  return error instanceof SubgraphFailure && kinds[error.kind].retry;
}

/** What a failure says of a subgraph's health: nothing, where it was no exchange with the subgraph. */
export function healthOf(error: unknown): 'good' | 'bad' | undefined {
  if (!(error instanceof SubgraphFailure)) return undefined;
  if (kinds[error.kind].harm) return 'bad';
  return ['rejected', 'oversized'].includes(error.kind) ? 'good' : undefined;
}
