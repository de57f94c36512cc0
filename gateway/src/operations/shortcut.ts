import { GraphQLError, type ExecutionResult } from 'graphql';
import type { Caller, GatewayContext } from '../context.ts';
import { resultText } from '../executor/response-data.ts';
import type { Observe } from '../observe/observe.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { createErrorFormat, noteUnexpected } from './errors.ts';
import { keyIn, keyOf, type Execute } from './executor.ts';
import type { KnownDocuments } from './known-documents.ts';
import type { Prepare, PreparedOperation } from './prepare.ts';
import type { OperationRequest } from './server.ts';

/**
 * Answers an admitted query or mutation that came by POST, where its document came through the whole pipeline before:
 * the JSON text of the result, as the pipeline would make it, told of in the same way. Undefined where that has to be asked:
 * nothing was done then.
 */
export type Shortcut = (
  request: OperationRequest,
  caller: Caller,
) => Promise<{ status: number; text: string }> | undefined;

type Ready = { prepared: PreparedOperation; cost: number | undefined; idempotencyKey: string | undefined };

export function createShortcut(
  { config, logger, metrics }: GatewayContext,
  supergraph: () => Supergraph | undefined,
  prepare: Prepare,
  execute: Execute,
  known: KnownDocuments,
  observe: Observe,
): Shortcut {
  const formatError = createErrorFormat(config);

  const ready = (request: OperationRequest, caller: Caller): Ready | undefined => {
    const { query, operationName, variables = {}, extensions } = request;
    const document = query === undefined || extensions?.['persistedQuery'] ? undefined : known.get(query);
    const current = supergraph();
    if (!document || !current) return undefined;
    const asked = {
      key: keyOf(document.queryHash, operationName),
      document: document.document,
      operationName,
      variables,
    };
    try {
      const { prepared, cost } = prepare(asked, current, caller);
      if (!prepared || prepared.execution.plan?.kind === 'Subscription') return undefined;
      return { prepared, cost, idempotencyKey: keyIn(prepared, extensions) };
    } catch {
      // What is wrong is found again, and told, by the pipeline.
      return undefined;
    }
  };

  const formatted = ({ errors, ...result }: ExecutionResult, { traceId }: Caller) => {
    if (!errors) return { errors, ...result };
    noteUnexpected(errors, traceId, logger);
    // Apollo Server gives a code to what has none.
    const withCode = errors.map((error) => ({
      ...error.toJSON(),
      extensions: { ...error.extensions, code: error.extensions['code'] ?? 'INTERNAL_SERVER_ERROR' },
    }));
    return { errors: withCode.map(formatError), ...result };
  };

  const resultOf = async ({ prepared, cost, idempotencyKey }: Ready, caller: Caller): Promise<ExecutionResult> => {
    try {
      if (cost !== undefined) metrics.operationCost.observe(cost);
      return await execute(prepared, caller, idempotencyKey);
    } catch (error) {
      // Nobody expected it: that is masked and logged like any other such error.
      return { errors: [new GraphQLError(String(error), { originalError: error as Error })] };
    }
  };

  const answer = async (found: Ready, caller: Caller): Promise<{ status: number; text: string }> => {
    const result = formatted(await resultOf(found, caller), caller);
    const { errors = [], data } = result;
    const refused = data === undefined;
    const status = refused ? 500 : 200;
    const { operation } = found.prepared.execution;
    observe.answered({ caller, operation, errors, refused, status, stream: undefined });
    return { status, text: `${resultText(result)}\n` };
  };

  return (request, caller) => {
    const found = ready(request, caller);
    return found && answer(found, caller);
  };
}
