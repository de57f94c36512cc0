import type { GraphQLFormattedError, OperationDefinitionNode } from 'graphql';
import type { Arrival, Caller, GatewayContext } from '../context.ts';
import type { ResultStream } from '../operations/server.ts';
import { createAccessLog } from './access-log.ts';
import { createBoundedLabel, OTHER } from './bounded-label.ts';
import { endOperation } from './span.ts';
import type { Told } from './told.ts';

/** An operation that the pipeline has answered, or opened a stream for. */
type Answered = {
  caller: Caller;
  /** As far as it could be told. */
  operation: OperationDefinitionNode | undefined;
  errors: readonly GraphQLFormattedError[];
  /** It never ran. */
  refused: boolean;
  /** Of a plain HTTP answer. */
  status: number | undefined;
  stream: ResultStream | undefined;
};

/** What is told of operations, on every transport alike: each is `answered` or `turnedAway`, once. */
export type Observe = {
  answered: (operation: Answered) => void;
  /** A request that got no operation of the pipeline's: nobody known, over the limit, not GraphQL; `status` is HTTP's. */
  turnedAway: (arrival: Arrival, code: string, status?: number) => void;
  /** Errors in a result of an open stream. */
  failed: (errors: readonly GraphQLFormattedError[]) => void;
};

const CODE = /^[A-Z][A-Z0-9_]*$/;
/** The gateway's own are about forty; subgraphs have more. */
const MAX_CODES = 100;

/** Metrics, access log and the operation's span, which ends here. Connections that break while the gateway is `draining` end because of that. */
export function createObserve({ config, logger, metrics }: GatewayContext, draining: AbortSignal): Observe {
  const log = config.ACCESS_LOG ? createAccessLog(logger) : undefined;
  const nameOf = createBoundedLabel(config.METRICS_OPERATION_NAMES);
  const codeOf = createBoundedLabel(MAX_CODES);

  const count = (code: unknown): void =>
    metrics.errors.inc({ code: typeof code === 'string' && CODE.test(code) ? codeOf(code) : OTHER });
  const failed: Observe['failed'] = (errors) => errors.forEach(({ extensions }) => count(extensions?.['code']));

  const watchStream = async (stream: ResultStream, caller: Caller, operation: string | undefined): Promise<void> => {
    const { events, reason: given } = await stream.ended;
    const reason = given === 'disconnected' && draining.aborted ? 'stopping' : given;
    metrics.subscriptionsEnded.inc({ reason });
    log?.ended(caller, { operation, events, reason });
  };

  return {
    answered: ({ caller, operation, errors, refused, status, stream }) => {
      const { name: transport } = caller.transport;
      const given = operation?.name?.value;
      const type = operation?.operation;
      // What never ran could have any name.
      const name = given === undefined ? '' : nameOf(given, !refused);
      const codes = errors.map(codeIn);
      const outcome = outcomeOf(codes, refused);
      metrics.operations.inc({ operation: name, transport, type: type ?? 'none', outcome });
      const seconds = (performance.now() - caller.started) / 1000;
      metrics.operationSeconds.observe({ operation: name, transport }, seconds);
      failed(errors);
      const told: Told = { operation: given, type, status, outcome, codes };
      log?.answered(caller, told, stream !== undefined);
      if (caller.span) endOperation(caller.span, transport, told);
      if (stream) void watchStream(stream, caller, given);
    },
    turnedAway: (arrival, code, status) => {
      const outcome = outcomeOf([code], true);
      metrics.operations.inc({ operation: '', transport: arrival.transport.name, type: 'none', outcome });
      count(code);
      const told: Told = { status, outcome, codes: [code] };
      log?.turnedAway(arrival, told);
      if (arrival.span) endOperation(arrival.span, arrival.transport.name, told);
    },
    failed,
  };
}

function outcomeOf(codes: string[], refused: boolean): Told['outcome'] {
  if (codes.length === 0) return 'ok';
  if (codes.some((code) => code === 'INTERNAL_SERVER_ERROR' || code.endsWith('_UNAVAILABLE'))) return 'failed';
  return refused ? 'refused' : 'errors';
}

function codeIn({ extensions }: GraphQLFormattedError): string {
  const code = extensions?.['code'];
  return typeof code === 'string' ? code : 'none';
}
