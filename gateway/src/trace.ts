import { SpanKind, traceparentOf, type Span, type Tracing } from '@todo/service/tracing';
import { formatTraceparent, newTraceContext, parseTraceparent } from '@todo/service/traceparent';
import type { CloudEvent } from './subscriptions/event.ts';

/** Where a request stands in a trace (W3C Trace Context). `span` is there where the request is recorded. */
export type Trace = { traceId: string; traceparent: string; span?: Span | undefined };

/** Goes on with the caller's trace where its `traceparent` is valid, and else starts one. */
export function traceOf(traceparent: string | undefined): Trace {
  const given = parseTraceparent(traceparent);
  if (given && traceparent !== undefined) return { traceId: given.traceId, traceparent };
  const started = newTraceContext();
  return { traceId: started.traceId, traceparent: formatTraceparent(started) };
}

/** The same with a span for the operation that comes; whoever takes it ends the span. */
export function traceOperation(tracing: Tracing | undefined, traceparent: string | undefined): Trace {
  if (!tracing) return traceOf(traceparent);
  return traceBy(tracing.start('GraphQL Operation', traceparent, { kind: SpanKind.SERVER }));
}

/**
 * What an event becomes for a subscriber: `within` the event's trace, or a trace of its own that is linked to it. It is
 * linked to the subscription's, too, which may be days long.
 */
export function traceDelivery(
  tracing: Tracing,
  field: string,
  event: CloudEvent,
  { subscription, within }: { subscription: Trace; within: boolean },
): Trace {
  const caused = typeof event['traceparent'] === 'string' ? event['traceparent'] : undefined;
  return traceBy(
    tracing.start(`deliver ${field}`, within ? caused : undefined, {
      kind: SpanKind.CONSUMER,
      links: [...(within ? [] : [caused]), subscription.traceparent],
      attributes: {
        'cloudevents.event_id': event.id,
        'cloudevents.event_source': event.source,
        'cloudevents.event_type': event.type,
      },
    }),
  );
}

function traceBy(span: Span): Trace {
  const { traceId } = span.spanContext();
  return { traceId, traceparent: traceparentOf(span), span: span.isRecording() ? span : undefined };
}
