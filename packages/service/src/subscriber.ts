import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Counter } from 'prom-client';
import { z } from 'zod';
import type { Dapr } from './dapr.ts';
import { type DomainEvent, parseEvent } from './events.ts';
import type { Logger } from './logger.ts';
import { publish } from './publish.ts';
import { fromOwnSidecar } from './sidecar.ts';
import { type Span, SpanKind, SpanStatusCode, traceparentOf, type Tracing } from './tracing.ts';
import { type ConsumerName, type consumers, DEAD_LETTER_TYPE, deadLetterTopic, type TopicName } from './topics.ts';

/** What a service does with an event. It may come twice. Throwing means "again later": use it for infrastructure trouble. */
export type EventHandler<T extends TopicName> = (event: DomainEvent<T>) => Promise<void>;
/**
 * What a service does with a bulk of a topic's events in one go: all of it, or, where it throws, nothing. They may be in
 * any order, and the same one may be there twice. Where it throws PoisonEvent it is given the events one by one.
 */
export type BulkHandler<T extends TopicName> = { bulk(events: readonly DomainEvent<T>[]): Promise<void> };
type Handler<T extends TopicName> = EventHandler<T> | BulkHandler<T>;
export type EventHandlers = { [T in TopicName]?: Handler<T> };
/** A handler for each topic that `consumers` says the service consumes. */
export type HandlersOf<C extends ConsumerName> = {
  [T in (typeof consumers)[C]['topics'][number]]: Handler<T>;
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

/** What was delivered: an event, as far as can be seen, and its key. */
type Entry = { event: unknown; key: string | undefined };

const bulkBody = z.object({
  entries: z.array(
    z.object({ entryId: z.string(), event: z.unknown(), metadata: z.record(z.string(), z.string()).nullish() }),
  ),
});

/**
 * Adds `POST /events/<topic>` for each handler, one event or a bulk of them at a time, for the own sidecar only.
 * Events are handled in the order in which they come, or all of a bulk at once where the handler takes that.
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

  /** As spans below what caused the events, and above what the handler causes. */
  async function traced<T extends TopicName>(
    topic: T,
    events: readonly DomainEvent<T>[],
    handler: (events: readonly DomainEvent<T>[]) => Promise<void>,
  ): Promise<void> {
    if (!tracing) return handler(events);
    const spans = events.map(({ id, traceparent }) => {
      const span = tracing.start(`process ${topic}`, traceparent, { kind: SpanKind.CONSUMER });
      return span.setAttribute('cloudevents.event_id', id);
    });
    try {
      await handler(events.map((event, i) => ({ ...event, traceparent: traceparentOf(spans[i] as Span) })));
    } catch (error) {
      for (const span of spans) span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      for (const span of spans) span.end();
    }
  }

  /** What becomes of one that never succeeds: SUCCESS once the dead-letter topic has it. */
  async function giveUp(topic: TopicName, { event, key }: Entry, reason: string): Promise<Status> {
    await deadLetter(topic, event, key, reason);
    handled.inc({ topic, outcome: 'dead-letter' });
    return 'SUCCESS';
  }

  /** It comes again: what is in the way is no fault of its own. */
  function again(topic: TopicName, error: unknown, count = 1): Status {
    handled.inc({ topic, outcome: 'retry' }, count);
    logger.warn({ err: error, topic, events: count }, 'events could not be handled now, they will come again');
    return 'RETRY';
  }

  async function handle<T extends TopicName>(topic: T, entry: Entry): Promise<Status> {
    const handler = handlers[topic] as Handler<T>;
    const one =
      typeof handler === 'function'
        ? ([event]: readonly DomainEvent<T>[]) => handler(event as DomainEvent<T>)
        : handler.bulk;
    const parsed = parseEvent(topic, entry.event);
    try {
      if (parsed.kind === 'marker') return 'SUCCESS';
      if (parsed.kind === 'invalid') return await giveUp(topic, entry, parsed.reason);
      try {
        await traced(topic, [parsed.event], one);
      } catch (error) {
        if (!(error instanceof PoisonEvent)) throw error;
        return await giveUp(topic, entry, error.message);
      }
      handled.inc({ topic, outcome: 'success' });
      return 'SUCCESS';
    } catch (error) {
      return again(topic, error);
    }
  }

  async function oneByOne(topic: TopicName, entries: readonly Entry[]): Promise<Status[]> {
    const statuses: Status[] = [];
    for (const entry of entries) statuses.push(await handle(topic, entry));
    return statuses;
  }

  /** The events of a bulk in one go, and what is none by itself. */
  async function handleBulk<T extends TopicName>(
    topic: T,
    entries: readonly Entry[],
    handler: BulkHandler<T>,
  ): Promise<Status[]> {
    const parsed = entries.map(({ event }) => parseEvent(topic, event));
    const events = parsed.flatMap((one) => (one.kind === 'event' ? [one.event] : []));
    let outcome: Status = 'SUCCESS';
    try {
      if (events.length > 0) await traced(topic, events, (all) => handler.bulk(all));
      handled.inc({ topic, outcome: 'success' }, events.length);
    } catch (error) {
      if (error instanceof PoisonEvent) return oneByOne(topic, entries);
      outcome = again(topic, error, events.length);
    }
    const statuses: Status[] = [];
    for (const [i, entry] of entries.entries())
      statuses.push(parsed[i]?.kind === 'event' ? outcome : await handle(topic, entry));
    return statuses;
  }

  void app.register(async (scope) => {
    takeAnyBody(scope);
    scope.addHook('onRequest', fromOwnSidecar(context.appToken));
    for (const topic of Object.keys(handlers) as TopicName[]) {
      scope.post(`/events/${topic}`, { bodyLimit: MAX_DELIVERY_BYTES }, async (request) => {
        const bulk = bulkBody.safeParse(request.body);
        if (!bulk.success) {
          const key = request.headers['__key'];
          const entry = { event: request.body, key: typeof key === 'string' ? key : undefined };
          return { status: await handle(topic, entry) };
        }
        const entries = bulk.data.entries.map(({ event, metadata }) => ({ event, key: metadata?.['__key'] }));
        const handler = handlers[topic] as Handler<TopicName>;
        const statuses = await (typeof handler === 'function'
          ? oneByOne(topic, entries)
          : handleBulk(topic, entries, handler));
        return { statuses: bulk.data.entries.map(({ entryId }, i) => ({ entryId, status: statuses[i] })) };
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

function parseBody(
  _: FastifyRequest,
  body: string | Buffer,
  done: (error: Error | null, value?: unknown) => void,
): void {
  done(null, parsed(body.toString()));
}

/** What is not JSON can never be handled, and the handler says so: here it only stays as it is. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
