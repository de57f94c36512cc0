import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Caller, GatewayContext } from '../context.ts';
import type { Observe } from '../observe/observe.ts';
import { createErrorFormat, noteUnexpected } from '../operations/errors.ts';
import type { AskedOperation, Prepare, PreparedOperation } from '../operations/prepare.ts';
import type { ResultStream } from '../operations/server.ts';
import { quotaKey } from '../rate/key.ts';
import type { SendToSubgraph } from '../subgraphs/client.ts';
import type { Plannable } from '../supergraph/plan-cache.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { courseOf, type Course } from './course.ts';
import { createEventResults } from './event-results.ts';
import type { CloudEvent } from './event.ts';
import type { Hub, Subscription } from './hub.ts';
import { missed, cannotGoOn, slowConsumer, supergraphChanged, type LastResult } from './last-results.ts';
import { createStreamQuota } from './stream-quota.ts';
import { createEventStream } from './stream.ts';
import { createTakeover, type OpenStream } from './takeover.ts';

/** A subscription that is ready to be opened, and who wants it. */
type SubscriptionRequest = {
  asked: AskedOperation;
  prepared: PreparedOperation;
  caller: Caller;
  /** Where to go on from, as the client says. */
  cursor: unknown;
};

/**
 * Opens a subscription. Rejects with a GraphQLError where the field is not fed from topics, no more can be held, or the
 * cursor is none of this subscription's or too old.
 */
export type OpenSubscription = (request: SubscriptionRequest) => Promise<ResultStream>;

/** The open subscriptions. */
export type Subscriptions = {
  open: OpenSubscription;
  /**
   * Has them go by a supergraph that came into force, from their next event on. A stream that it does not allow ends with
   * SUPERGRAPH_CHANGED and its cursor.
   */
  adopt: (supergraph: Supergraph) => void;
  /** What they select, each operation once, at most as many as there can be plans. */
  operations: () => Plannable[];
};

/** An event that waits for its turn, and when it was received, by `performance.now()`. */
type Queued = { event: CloudEvent; by: Course; received: number };

/** Subscriptions fed by the hub: each event that passes the field's filter becomes a result. Events come in order. */
export function createSubscriptions(
  context: GatewayContext,
  hub: Hub,
  prepare: Prepare,
  send: SendToSubgraph,
  observe: Observe,
): Subscriptions {
  const { config, logger, metrics } = context;
  const resultOf = createEventResults(context, send);
  const takePlace = createStreamQuota(config.MAX_STREAMS_PER_USER, () =>
    metrics.limitsHit.inc({ limit: 'streamsPerUser' }),
  );
  const formatError = createErrorFormat(config);
  const takeover = createTakeover();

  const accepts = (event: CloudEvent, { topic, accepts }: Course): boolean => {
    try {
      return accepts(event);
    } catch (error) {
      metrics.eventsDropped.inc({ reason: 'filter_failed' });
      logger.debug({ field: topic.field, event: event.id, reason: (error as Error).message }, 'event withheld');
      return false;
    }
  };

  /** Why a stream cannot go on, as the client gets it. */
  const reasonOf = (error: unknown, { traceId }: Caller): GraphQLFormattedError => {
    const reason =
      error instanceof GraphQLError ? error : new GraphQLError(String(error), { originalError: error as Error });
    noteUnexpected([reason], traceId, logger);
    return formatError(reason.toJSON());
  };

  /** Counts why a stream ended. */
  const counted =
    (last: LastResult): LastResult =>
    (cursor) => {
      const result = last(cursor);
      observe.failed(result.errors ?? []);
      return result;
    };

  const open: OpenSubscription = async ({ asked, prepared, caller, cursor }) => {
    let course = courseOf(asked, prepared, caller);
    const { names: topics } = course.topic;
    const from = cursor == null ? undefined : await hub.locate(topics, cursor, caller.signal);
    // Ends with the stream: a subscription can go before its connection does.
    const ending = new AbortController();

    const change = (
      supergraph: Supergraph,
      as: Caller,
      lastOf: (reason: GraphQLFormattedError) => LastResult,
    ): void => {
      try {
        const { errors, prepared } = prepare(asked, supergraph, { identity: as.identity });
        if (errors) throw errors[0];
        course = courseOf(asked, prepared, as, course.topic);
        subscription.changed();
      } catch (error) {
        events.endWith(counted(lastOf(reasonOf(error, caller))));
      }
    };
    const stream: OpenStream = {
      asked,
      follow: (supergraph) => {
        if (course.supergraph !== supergraph) change(supergraph, course.caller, supergraphChanged);
      },
    };
    const make = async ({ event, by, received }: Queued) => {
      takeover.now(stream);
      if (ending.signal.aborted || (by !== course && !accepts(event, course))) return undefined;
      const result = await resultOf(event, course, ending.signal);
      observe.failed(result.errors ?? []);
      metrics.deliverySeconds.observe((performance.now() - received) / 1000);
      return result;
    };
    const labels = { field: course.topic.field, transport: caller.transport.name };
    const events = createEventStream<Queued>({
      limit: config.MAX_QUEUED_EVENTS,
      resultOf: (queued) =>
        make(queued).catch((error: unknown) => {
          if (ending.signal.aborted) throw error;
          // Each transport would tell what was thrown in its own way, or nothing at all.
          events.endWith(counted(cannotGoOn(reasonOf(error, caller))));
          return undefined;
        }),
      overflow: (last) => {
        metrics.eventsDropped.inc({ reason: 'slow_consumer' });
        return counted(slowConsumer(config.MAX_QUEUED_EVENTS))(last);
      },
      onEnd: () => {
        metrics.subscribers.dec(labels);
        takeover.remove(stream);
        subscription.close();
        givePlaceBack();
        caller.signal.removeEventListener('abort', events.end);
        ending.abort();
      },
    });
    const givePlaceBack = takePlace(quotaKey(caller));
    let subscription: Subscription;
    try {
      subscription = hub.subscribe(
        {
          topics,
          interest: () => course.interest,
          accepts: (event) => accepts(event, course),
          deliver: (event, after) => events.push({ event, by: course, received: performance.now() }, after),
          end: (reason) => (reason === 'stopping' ? events.breakOff() : events.endWith(counted(missed(reason)))),
        },
        from,
      );
      metrics.subscribers.inc(labels);
      events.begin(subscription);
    } catch (error) {
      givePlaceBack();
      throw error;
    }
    caller.signal.addEventListener('abort', events.end, { once: true });
    if (caller.signal.aborted) events.end();
    else takeover.add(stream);
    return Object.assign(events.stream, {
      refresh: (by: Pick<Caller, 'identity' | 'expires' | 'headers'>): void => {
        if (!ending.signal.aborted) change(course.supergraph, { ...course.caller, ...by }, cannotGoOn);
      },
    });
  };

  return {
    open,
    adopt: takeover.begin,
    operations: () => takeover.operations(config.PLAN_CACHE_SIZE),
  };
}
