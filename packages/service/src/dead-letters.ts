import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Logger } from './logger.ts';
import { fromOwnSidecar } from './sidecar.ts';
import { parsed, takeAnyBody } from './subscriber.ts';
import { DEAD_LETTER_TYPE, deadLetterTopics, type TopicName } from './topics.ts';

/** An event that could not be handled, as it comes from a dead-letter topic. */
export type ReceivedLetter = {
  /** Where the event comes from. */
  topic: TopicName;
  /** The service that gave up: null where its sidecar did, which says neither which nor why. */
  consumer: string | null;
  /** The key that the event was published with: null where it is not known. */
  key: string | null;
  reason: string;
  /** The event, or what came in its place. */
  event: unknown;
  /** Whether the event is cut off: too large to be kept. */
  truncated: boolean;
  /** Tells this letter from a later one of the same event. */
  letter: string;
};

/** It may come twice. Throwing means "again later". */
export type DeadLetterHandler = (letter: ReceivedLetter) => Promise<void>;

const letterSchema = z.object({
  type: z.literal(DEAD_LETTER_TYPE),
  time: z.string(),
  data: z.object({
    consumer: z.string(),
    key: z.string().nullable(),
    reason: z.string(),
    event: z.unknown(),
  }),
});
const cutOff = z.strictObject({ truncated: z.string() });
/** What Dapr makes of a message where the subscription is for raw ones. */
const rawMessage = z.object({ type: z.literal('com.dapr.event.sent'), data_base64: z.base64() });

/** Adds `POST /events/<topic>` for each dead-letter topic, for the own sidecar only. Whatever comes is a letter. */
export function receiveDeadLetters(
  app: FastifyInstance,
  handle: DeadLetterHandler,
  { appToken, logger }: { appToken: string; logger: Logger },
): void {
  void app.register(async (scope) => {
    takeAnyBody(scope);
    scope.addHook('onRequest', fromOwnSidecar(appToken));
    for (const { name, topic } of deadLetterTopics)
      scope.post(`/events/${name}`, { bodyLimit: 4 * 1024 * 1024 }, async (request) => {
        const { __key: key, __offset: offset } = request.headers;
        try {
          await handle(readLetter(topic, messageOf(request.body), text(key), text(offset) ?? ''));
          return { status: 'SUCCESS' };
        } catch (error) {
          logger.warn({ err: error, topic: name }, 'a dead letter could not be kept now, it will come again');
          return { status: 'RETRY' };
        }
      });
  });
}

const text = (header: string | string[] | undefined): string | null => (typeof header === 'string' ? header : null);

/** The message itself: as JSON where it is that, as text otherwise. */
function messageOf(body: unknown): unknown {
  const raw = rawMessage.safeParse(body);
  return raw.success ? parsed(Buffer.from(raw.data.data_base64, 'base64').toString()) : body;
}

function readLetter(topic: TopicName, body: unknown, key: string | null, offset: string): ReceivedLetter {
  const said = letterSchema.safeParse(body);
  if (!said.success)
    return {
      topic,
      consumer: null,
      key,
      reason: 'a sidecar could not hand it over: its log says why',
      event: body,
      truncated: false,
      letter: offset,
    };
  const { event, ...data } = said.data.data;
  const truncated = cutOff.safeParse(event);
  return {
    topic,
    ...data,
    event: truncated.success ? truncated.data.truncated : event,
    truncated: truncated.success,
    letter: said.data.time,
  };
}
