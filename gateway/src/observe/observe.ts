import type { GraphQLFormattedError, OperationDefinitionNode } from 'graphql';
import type { Arrival, Caller, GatewayContext } from '../context.ts';
import { createBoundedLabel, OTHER } from './bounded-label.ts';

/** An operation that the pipeline has answered, or opened a stream for. */
type Answered = {
  caller: Caller;
  /** As far as it could be told. */
  operation: OperationDefinitionNode | undefined;
  errors: readonly GraphQLFormattedError[];
  /** It never ran. */
  refused: boolean;
};

/** What is told of operations, on every transport alike: each is `answered` or `turnedAway`, once. */
export type Observe = {
  answered: (operation: Answered) => void;
  /** A request that got no operation of the pipeline's: nobody known, over the limit, not GraphQL. */
  turnedAway: (arrival: Arrival, code: string) => void;
  /** Errors in a result of an open stream. */
  failed: (errors: readonly GraphQLFormattedError[]) => void;
};

const CODE = /^[A-Z][A-Z0-9_]*$/;
/** The gateway's own are about forty; subgraphs have more. */
const MAX_CODES = 100;

export function createObserve({ config, metrics }: GatewayContext): Observe {
  const nameOf = createBoundedLabel(config.METRICS_OPERATION_NAMES);
  const codeOf = createBoundedLabel(MAX_CODES);

  const count = (code: unknown): void =>
    metrics.errors.inc({ code: typeof code === 'string' && CODE.test(code) ? codeOf(code) : OTHER });
  const failed: Observe['failed'] = (errors) => errors.forEach(({ extensions }) => count(extensions?.['code']));

  return {
    answered: ({ caller, operation, errors, refused }) => {
      const { name: transport } = caller.transport;
      const given = operation?.name?.value;
      // What never ran could have any name.
      const name = given === undefined ? '' : nameOf(given, !refused);
      const outcome = errors.length === 0 ? 'ok' : refused ? 'refused' : 'errors';
      metrics.operations.inc({ operation: name, transport, type: operation?.operation ?? 'none', outcome });
      const seconds = (performance.now() - caller.started) / 1000;
      metrics.operationSeconds.observe({ operation: name, transport }, seconds);
      failed(errors);
    },
    turnedAway: ({ transport }, code) => {
      metrics.operations.inc({ operation: '', transport: transport.name, type: 'none', outcome: 'refused' });
      count(code);
    },
    failed,
  };
}
