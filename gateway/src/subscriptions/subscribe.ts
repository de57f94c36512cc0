import type { PlanNode, SubscriptionNode } from '@apollo/query-planner';
import { getArgumentValues, GraphQLError, type FormattedExecutionResult, type GraphQLObjectType } from 'graphql';
import type { Caller, GatewayContext } from '../context.ts';
import { collectFields } from '../executor/collect.ts';
import { executePlan, type Execution } from '../executor/execute.ts';
import type { SubgraphRequest, SubgraphResponse } from '../executor/run.ts';
import { createErrorFormat, noteUnexpected } from '../operations/errors.ts';
import type { ResultStream } from '../operations/server.ts';
import { quotaKey } from '../rate/key.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { CloudEvent } from './event.ts';
import type { Hub, Subscriber, Subscription } from './hub.ts';
import { createStreamQuota } from './stream-quota.ts';
import { createEventStream } from './stream.ts';

/** A planned subscription and who wants it. */
type SubscriptionRequest = {
  supergraph: Supergraph;
  execution: Omit<Execution, 'plan' | 'fetchSubgraph'>;
  /** What the caller may see by now: a token may be replaced while the stream is open. Throws where that is nothing. */
  visible: () => Pick<Execution, 'access'> & { plan: PlanNode | SubscriptionNode | undefined };
  /** The operation's variables with their defaults, coerced. */
  coerced: Record<string, unknown>;
  caller: Caller;
  /** Where to go on from, as the client says. */
  cursor: unknown;
  send: (request: SubgraphRequest, caller: Caller) => Promise<SubgraphResponse>;
};

/**
 * Opens a subscription. Rejects with a GraphQLError where the field is not fed from topics, no more can be held, or the
 * cursor is none of this subscription's or too old.
 */
export type OpenSubscription = (request: SubscriptionRequest) => Promise<ResultStream>;

/**
 * Subscriptions fed by the hub: each event that passes the field's filter becomes the answer of the plan's primary
 * fetch; the rest of the plan is executed with the subscriber's identity. Events come in order.
 */
export function createOpenSubscription({ config, logger, metrics }: GatewayContext, hub: Hub): OpenSubscription {
  const takePlace = createStreamQuota(config.MAX_STREAMS_PER_USER);
  const formatError = createErrorFormat(config);
  return async ({ supergraph, execution, visible, coerced, caller, cursor, send }) => {
    const { field, args } = rootField(execution, coerced);
    const topic = supergraph.topics.get(field);
    if (!topic)
      throw new GraphQLError(`Subscription.${field} is not fed from topics`, { extensions: { code: 'BAD_REQUEST' } });
    const from = cursor == null ? undefined : await hub.locate(topic.names, cursor, caller.signal);
    // Ends with the stream: a subscription can go before its connection does.
    const ending = new AbortController();

    const resultOf = async (event: CloudEvent): Promise<FormattedExecutionResult> => {
      const onBehalfOf: Caller = { ...caller, signal: ending.signal };
      const { plan, access } = visible();
      if (plan?.kind !== 'Subscription') throw new Error('a subscription is planned as one');
      const result = await executePlan({
        ...execution,
        access,
        plan: plan.rest,
        data: supergraph.valueOf(plan.primary)(event),
        fetchSubgraph: (request) => send(request, onBehalfOf),
      });
      noteUnexpected(result.errors ?? [], caller.traceId, logger);
      return { ...result, errors: result.errors?.map((error) => formatError(error.toJSON())) };
    };
    const events = createEventStream<CloudEvent>({
      limit: config.MAX_QUEUED_EVENTS,
      resultOf,
      overflow: (last) => {
        metrics.eventsDropped.inc({ reason: 'slow_consumer' });
        return slowConsumer(config.MAX_QUEUED_EVENTS, last);
      },
      onEnd: () => {
        subscription.close();
        givePlaceBack();
        caller.signal.removeEventListener('abort', events.end);
        ending.abort();
      },
    });
    const givePlaceBack = takePlace(quotaKey(caller));
    let subscription: Subscription;
    try {
      const subscriber: Subscriber = {
        topics: topic.names,
        accepts: (event) => topic.accepts(event, caller.identity, args) && visible() !== undefined,
        deliver: events.push,
        end: (reason) => (reason === 'stopping' ? events.breakOff() : events.endWith(missed(reason))),
      };
      subscription = hub.subscribe(subscriber, from);
      events.begin(subscription);
    } catch (error) {
      givePlaceBack();
      throw error;
    }
    caller.signal.addEventListener('abort', events.end, { once: true });
    if (caller.signal.aborted) events.end();
    return events.stream;
  };
}

/** The one field of a subscription (GraphQL spec, 5.2.4.1) and its arguments, null where not given. */
function rootField(
  { schema, operation, fragments, variables }: SubscriptionRequest['execution'],
  coerced: Record<string, unknown>,
): { field: string; args: Record<string, unknown> } {
  const root = schema.getSubscriptionType() as GraphQLObjectType;
  const selecting = { schema, fragments, variables: { ...coerced, ...variables } };
  const [occurrences] = collectFields(
    selecting,
    [{ selectionSet: operation.selectionSet, type: root }],
    undefined,
  ).values();
  const { node, definition } = occurrences?.[0] ?? {};
  if (!node || !definition)
    throw new GraphQLError('the subscription selects no field', { extensions: { code: 'BAD_REQUEST' } });
  const args: Record<string, unknown> = {};
  for (const { name } of definition.args) args[name] = null;
  return { field: node.name.value, args: Object.assign(args, getArgumentValues(definition, node, coerced)) };
}

function missed(reason: 'EVENTS_LOST' | 'CURSOR_TOO_OLD'): FormattedExecutionResult {
  const message = 'events were missed: read the current state, and subscribe without a cursor';
  return { errors: [{ message, extensions: { code: reason } }] };
}

function slowConsumer(limit: number, cursor: string | undefined): FormattedExecutionResult {
  const message = `the subscriber fell more than ${limit} events behind: subscribe again with the cursor, and read faster`;
  return { errors: [{ message, extensions: { code: 'SLOW_CONSUMER', cursor } }] };
}
