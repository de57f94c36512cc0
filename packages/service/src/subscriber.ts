import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Counter } from 'prom-client';
import { z } from 'zod';
import type { Dapr } from './dapr.ts';
import { type DomainEvent, parseEvent } from './events.ts';
import type { Logger } from './logger.ts';
import { publish } from './publish.ts';
import { fromOwnSidecar } from './sidecar.ts';
import { SpanKind, SpanStatusCode, traceparentOf, type Tracing } from './tracing.ts';
import { type ConsumerName, type consumers, DEAD_LETTER_TYPE, deadLetterTopic, type TopicName } from './topics.ts';

/** What a service does with an event. It may come twice. Throwing means "again later": use it for infrastructure trouble. */
export type EventHandler<T extends TopicName> = (event: DomainEvent<T>) => Promise<void>;
export type EventHandlers = { [T in TopicName]?: EventHandler<T> };
/** A handler for each topic that `consumers` says the service consumes. */
export type HandlersOf<C extends ConsumerName> = {
  [T in (typeof consumers)[C]['topics'][number]]: EventHandler<T>;
};

/** Thrown by a handler where an event can never succeed: it goes to the topic's dead-letter topic, with the reason. */
export class PoisonEvent extends Error {}

const handled = new Counter({
  name: 'events_handled_total',
  help: 'Events received, by what became of them',
  labelNames: ['topic', 'outcome'],
});

/** Dapr's answers. DROP is never used: in a bulk answer Dapr ignores that the dead-letter publish failed. */
type Status = 'SUCCESS' | 'RETRY';

/** A bulk of 100 messages of a MiB each, as JSON: only the own sidecar gets this far. */
const MAX_DELIVERY_BYTES = 128 * 1024 * 1024;

/** What of an event goes into a dead letter, in characters: the broker takes a MiB. */
const MAX_DEAD_LETTER = 200_000;

const bulkBody = z.object({
  entries: z.array(
    z.object({ entryId: z.string(), event: z.unknown(), metadata: z.record(z.string(), z.string()).nullish() }),
  ),
});

/**
 * Adds `POST /events/<topic>` for each handler, one event or a bulk of them at a time, for the own sidecar only.
 * Events are handled in the order in which they come.
 */
export function receiveEvents(
  app: FastifyInstance,
  handlers: EventHandlers,
  context: { appId: string; appToken: string; dapr: Dapr; logger: Logger; tracing?: Tracing | undefined },
): void {
  const { dapr, logger, tracing } = context;

  async function deadLetter(topic: TopicName, body: unknown, key: string | undefined, reason: string): Promise<void> {
    const original = body as { id?: unknown; subject?: unknown } | null;
    const id = typeof original?.id === 'string' ? original.id : `undecodable-${crypto.randomUUID()}`;
    const event = {
      specversion: '1.0',
      id,
      source: context.appId,
      type: DEAD_LETTER_TYPE,
      time: new Date().toISOString(),
      subject: typeof original?.subject === 'string' ? original.subject : id,
      datacontenttype: 'application/json',
      data: { topic, consumer: context.appId, key: key ?? null, reason, attempts: 1, event: excerpt(body) },
    };
    await publish(dapr, { topic: deadLetterTopic(topic), key: key ?? id, event });
    logger.warn({ topic, id, reason }, 'event went to the dead-letter topic');
  }

  /** As a span below what caused the event, and above what the handler causes. */
  async function traced<T extends TopicName>(topic: T, event: DomainEvent<T>, handler: EventHandler<T>): Promise<void> {
    const span = tracing?.start(`process ${topic}`, event.traceparent, { kind: SpanKind.CONSUMER });
    if (!span) return handler(event);
    span.setAttribute('cloudevents.event_id', event.id);
    try {
      await handler({ ...event, traceparent: traceparentOf(span) });
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  async function handle<T extends TopicName>(topic: T, body: unknown, key: string | undefined): Promise<Status> {
    const handler = handlers[topic] as EventHandler<T>;
    const parsed = parseEvent(topic, body);
    try {
      if (parsed.kind === 'marker') return 'SUCCESS';
      let reason = parsed.kind === 'invalid' ? parsed.reason : undefined;
      if (parsed.kind === 'event') {
        try {
          await traced(topic, parsed.event, handler);
        } catch (error) {
          if (!(error instanceof PoisonEvent)) throw error;
          reason = error.message;
        }
      }
      if (reason !== undefined) await deadLetter(topic, body, key, reason);
      handled.inc({ topic, outcome: reason === undefined ? 'success' : 'dead-letter' });
      return 'SUCCESS';
    } catch (error) {
      handled.inc({ topic, outcome: 'retry' });
      logger.warn({ err: error, topic }, 'event could not be handled now, it will come again');
      return 'RETRY';
    }
  }

  void app.register(async (scope) => {
    takeAnyBody(scope);
    scope.addHook('onRequest', fromOwnSidecar(context.appToken));
    for (const topic of Object.keys(handlers) as TopicName[]) {
      scope.post(`/events/${topic}`, { bodyLimit: MAX_DELIVERY_BYTES }, async (request) => {
        const bulk = bulkBody.safeParse(request.body);
        if (!bulk.success) {
          const key = request.headers['__key'];
          return { status: await handle(topic, request.body, typeof key === 'string' ? key : undefined) };
        }
        const statuses: { entryId: string; status: Status }[] = [];
        for (const { entryId, event, metadata } of bulk.data.entries)
          statuses.push({ entryId, status: await handle(topic, event, metadata?.['__key']) });
        return { statuses };
      });
    }
  });
}

/** The event itself, or, where it is too large, the beginning of its JSON. */
function excerpt(body: unknown): unknown {
  const text = JSON.stringify(body ?? null);
  return text.length > MAX_DEAD_LETTER ? { truncated: text.slice(0, MAX_DEAD_LETTER) } : body;
}

/** Bodies of every content type: as JSON where they are that, as text otherwise. */
export function takeAnyBody(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'string' }, parseBody);
}

/** What is not JSON can never be handled, and the handler says so: here it only stays as it is. */
function parseBody(
  _: FastifyRequest,
  body: string | Buffer,
  done: (error: Error | null, value?: unknown) => void,
): void {
  try {
    done(null, JSON.parse(body.toString()));
  } catch {
    done(null, body.toString());
  }
}
