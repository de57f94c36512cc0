import type { FormattedExecutionResult } from 'graphql';
import type { GatewayContext } from '../context.ts';
import { executePlan } from '../executor/execute.ts';
import { createFlights } from '../flights.ts';
import { createErrorFormat, noteUnexpected } from '../operations/errors.ts';
import { endSpan } from '../observe/span.ts';
import type { SendToSubgraph } from '../subgraphs/client.ts';
import { traceDelivery } from '../trace.ts';
import type { Course } from './course.ts';
import type { CloudEvent } from './event.ts';

/** How many deliveries of an event are in the event's own trace: with thousands of subscribers nobody could read it. */
const MAX_DELIVERIES_TRACED = 10;

/** Makes a stream's result of an event. Throws the signal's reason once that is aborted. */
export type ResultOf = (event: CloudEvent, course: Course, signal: AbortSignal) => Promise<FormattedExecutionResult>;

/**
 * The event is the answer of the plan's primary fetch; the rest of the plan is executed with the subscriber's identity.
 * Subscribers of one identity who take the same of an event share one execution while it is under way (DEDUPLICATE).
 */
export function createEventResults(
  { config, logger, metrics, tracing }: GatewayContext,
  send: SendToSubgraph,
): ResultOf {
  const formatError = createErrorFormat(config);
  // Nobody changes a result: each may have the same.
  const flights = createFlights<CloudEvent, FormattedExecutionResult>((result) => result);
  const joins = atMostOf(MAX_DELIVERIES_TRACED);
  const onShared = (): void => metrics.sharedExecutions.inc();

  const execute: ResultOf = async (event, { supergraph, topic, plan, execution, caller }, signal) => {
    const trace = tracing && traceDelivery(tracing, topic.field, event, { subscription: caller, within: joins(event) });
    const onBehalfOf = { ...caller, ...trace, signal };
    const { compiled, access, variables } = execution;
    const result = await executePlan({
      compiled,
      access,
      variables,
      data: supergraph.valueOf(plan.primary)(event),
      // What an event tells of must be seen by what is asked for because of it.
      fetchSubgraph: (fetch) => send(fetch, supergraph.subgraphs.get(fetch.subgraph), onBehalfOf, { fresh: true }),
    });
    noteUnexpected(result.errors ?? [], onBehalfOf.traceId, logger);
    const errors = result.errors?.map((error) => formatError(error.toJSON()));
    if (trace?.span) endSpan(trace.span, errors?.[0] && String(errors[0].extensions?.['code']));
    return { ...result, errors };
  };

  if (!config.DEDUPLICATE) return execute;
  return (event, course, signal) =>
    flights.join(event, course.resultKey, signal, { start: (shared) => execute(event, course, shared), onShared });
}

/** Says true so many times for an object. */
function atMostOf(times: number): (of: object) => boolean {
  const asked = new WeakMap<object, number>();
  return (of) => {
    const before = asked.get(of) ?? 0;
    asked.set(of, before + 1);
    return before < times;
  };
}
