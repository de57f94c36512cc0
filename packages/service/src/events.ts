import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { MARKER_TYPE } from './marker.ts';
import type { TopicName } from './topics.ts';
import { parseTraceparent } from './traceparent.ts';

/** The pub/sub component that services publish to and consume from. */
export const PUBSUB = 'task-events';

/** Ids become parts of keys, paths and names. */
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/, 'must be 1 to 200 letters, digits, "_", "." or "-"');
const instant = z.iso.datetime().refine((text) => !text.startsWith('0000'), { message: 'there is no year 0' });
/** What PostgreSQL can hold as jsonb. */
const text = z.string().refine((value) => !value.includes('\u0000') && value.isWellFormed(), {
  message: 'must not contain U+0000 or an unpaired surrogate',
});

/** The subject of a token: issuers are free in what they choose. */
const owner = text.min(1).max(255);

/** A task as its events carry it: all of it, as it was after the change. Events from before a field was added get its default. */
const taskData = z.object({
  id,
  ownerId: owner,
  title: text,
  description: text.nullable(),
  status: z.enum(['PENDING', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED']),
  priority: z.enum(['LOW', 'NORMAL', 'HIGH', 'URGENT']).default('NORMAL'),
  tags: z.array(text).default([]),
  dueAt: instant.nullable(),
  /** IANA name of the zone that the due date was meant in: null for UTC. */
  dueTimeZone: text.nullable().default(null),
  checklist: z.array(z.object({ id, text, done: z.boolean() })).default([]),
  createdAt: instant,
  updatedAt: instant,
  completedAt: instant.nullable(),
  version: z.number().int().positive(),
});
export type TaskData = z.infer<typeof taskData>;

const reminderData = z.object({
  ownerId: owner,
  reminderId: id,
  /** At the due date, before it, or at a time of its own. */
  kind: z.enum(['DUE', 'BEFORE_DUE', 'AT']).default('DUE'),
  title: text,
  /** When it was to be sent. Events from before the field was added have none. */
  remindAt: instant.optional(),
  /** When the task is due: null where it has no due date. */
  dueAt: instant.nullable(),
  version: z.number().int().positive(),
});

const notificationData = z.object({
  ownerId: owner,
  notification: z.object({ id, kind: text, message: text, createdAt: instant }),
});

/** Every event: its topic, its CloudEvent type (which says the payload's version) and its payload. `subject` is the task id. */
const eventTypes = {
  'task.created': { type: 'com.todo.task.created.v1', data: taskData },
  'task.updated': { type: 'com.todo.task.updated.v1', data: taskData },
  'task.completed': { type: 'com.todo.task.completed.v1', data: taskData },
  'task.deleted': { type: 'com.todo.task.deleted.v1', data: taskData },
  'task.reminder': { type: 'com.todo.task.reminder.v1', data: reminderData },
  'notification.created': { type: 'com.todo.notification.created.v1', data: notificationData },
} as const satisfies Record<TopicName, { type: string; data: z.ZodType }>;

export type EventData<T extends TopicName> = z.infer<(typeof eventTypes)[T]['data']>;

/** A CloudEvent 1.0 (structured mode, JSON) of one of our topics. */
export type DomainEvent<T extends TopicName = TopicName> = {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  /** When it happened: RFC 3339, UTC. */
  time: string;
  /** The task id: also the partition key, so that a task's events of one topic stay in order. */
  subject: string;
  datacontenttype: 'application/json';
  /** W3C trace context of what caused it. */
  traceparent?: string;
  /** The same: Dapr puts a trace of its own in its place where this is missing. */
  traceid?: string;
  data: EventData<T>;
};

const envelope = z.object({
  specversion: z.literal('1.0'),
  id,
  source: text.min(1),
  type: text.min(1),
  time: z.iso
    .datetime({ offset: true })
    .refine((value) => !value.startsWith('0000'), { message: 'there is no year 0' }),
  subject: id,
  // As W3C Trace Context has it: one that is malformed is as none.
  traceparent: z
    .string()
    .refine((value) => parseTraceparent(value) !== undefined)
    .optional()
    .catch(undefined),
  data: z.unknown(),
});

/**
 * A new event for `topic`.
 * @param event.id give one where the same occurrence may be published again; a new UUIDv7 otherwise
 * @throws ZodError where the payload is not what the topic's schema says
 */
export function createEvent<T extends TopicName>(
  topic: T,
  event: { source: string; subject: string; data: EventData<T>; id?: string; time?: string; traceparent?: string },
): DomainEvent<T> {
  const { type, data: schema } = eventTypes[topic];
  return {
    specversion: '1.0',
    id: event.id ?? uuidv7(),
    source: event.source,
    type,
    time: event.time ?? new Date().toISOString(),
    subject: event.subject,
    datacontenttype: 'application/json',
    ...(event.traceparent !== undefined && { traceparent: event.traceparent, traceid: event.traceparent }),
    data: schema.parse(event.data) as EventData<T>,
  };
}

export type ParsedEvent<T extends TopicName> =
  | { kind: 'event'; event: DomainEvent<T> }
  /** A gateway replica's marker: acknowledge and forget it. */
  | { kind: 'marker' }
  /** It can never be handled, by anyone. */
  | { kind: 'invalid'; reason: string };

/** Checks what arrived on `topic`: the envelope, the type with its version, the payload. */
export function parseEvent<T extends TopicName>(topic: T, body: unknown): ParsedEvent<T> {
  if (typeof body === 'object' && body !== null && 'type' in body && body.type === MARKER_TYPE)
    return { kind: 'marker' };
  const head = envelope.safeParse(body);
  if (!head.success) return { kind: 'invalid', reason: `not a CloudEvent: ${problems(head.error)}` };
  const { type, data: schema } = eventTypes[topic];
  if (head.data.type !== type) return { kind: 'invalid', reason: `unknown type ${head.data.type} on ${topic}` };
  const data = schema.safeParse(head.data.data);
  if (!data.success) return { kind: 'invalid', reason: `payload of ${type}: ${problems(data.error)}` };
  if ('id' in data.data && data.data.id !== head.data.subject)
    return { kind: 'invalid', reason: `subject ${head.data.subject} is not the task ${data.data.id} of the payload` };
  return {
    kind: 'event',
    event: { ...head.data, datacontenttype: 'application/json', data: data.data } as DomainEvent<T>,
  };
}

function problems(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.message}`).join('; ');
}
