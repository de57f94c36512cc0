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

/** A trace of its own for what an event becomes: linked to the event's and to the subscription's, as both may have many. */
export function traceDelivery(tracing: Tracing, field: string, event: CloudEvent, subscription: Trace): Trace {
  return traceBy(
    tracing.start(`deliver ${field}`, undefined, {
      kind: SpanKind.CONSUMER,
      links: [event['traceparent'], subscription.traceparent],
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
