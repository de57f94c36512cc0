/** The one declaration of topics: `npm start` and the chart's Job create what it lists; nothing creates topics by itself. */

const DAY = 24 * 60 * 60 * 1000;

/** Every live topic has this many partitions; the gateway needs the number to know that it receives all of them. */
export const PARTITIONS = 3;

/** Topics that events are published to. */
const liveTopics = [
  'task.created',
  'task.updated',
  'task.completed',
  'task.deleted',
  'task.reminder',
  'notification.created',
] as const;
export type TopicName = (typeof liveTopics)[number];

/** Where events of a topic go that can never be handled. */
export const deadLetterTopic = (topic: string): string => `${topic}.dlq`;

/** The CloudEvent type of what a service publishes there. */
export const DEAD_LETTER_TYPE = 'com.todo.dead-letter.v1';

/** Kafka deletes whole segments, so a message may live for `retentionMs` and `segmentMs` together. */
export type Topic = { name: string; partitions: number; retentionMs: number; segmentMs: number };

const RETENTION_MS = 7 * DAY;
const DEAD_LETTER_MS = 30 * DAY;

export const topics: Topic[] = liveTopics.flatMap((name) => [
  { name, partitions: PARTITIONS, retentionMs: RETENTION_MS, segmentMs: DAY },
  { name: deadLetterTopic(name), partitions: 1, retentionMs: DEAD_LETTER_MS, segmentMs: DAY },
]);

/** How long, in seconds, an event may still come again: longer than it lives in its topic. */
export const REMEMBER_SECONDS = (RETENTION_MS + 2 * DAY) / 1000;

/**
 * Which service consumes which topics: Dapr's Subscription resources are generated from it, and each service's handlers
 * must be exactly these (`HandlersOf`). `bulk` where throughput matters more than latency.
 */
export const consumers = {
  'scheduler-service': { topics: ['task.created', 'task.updated', 'task.completed', 'task.deleted'], bulk: false },
  'notification-service': {
    topics: ['task.created', 'task.updated', 'task.completed', 'task.deleted', 'task.reminder'],
    bulk: true,
  },
  'analytics-service': { topics: ['task.created', 'task.updated', 'task.completed', 'task.deleted'], bulk: true },
} as const satisfies Record<string, { topics: readonly TopicName[]; bulk: boolean }>;
export type ConsumerName = keyof typeof consumers;

/** Which service publishes which events: nobody else may. */
export const producers = {
  'task-service': ['task.created', 'task.updated', 'task.completed', 'task.deleted'],
  'scheduler-service': ['task.reminder'],
  'notification-service': ['notification.created'],
} as const satisfies Record<string, readonly TopicName[]>;

/** The service that keeps dead letters of all topics, and publishes their events again: with their own ids and keys. */
export const DEAD_LETTER_KEEPER = 'notification-service';

/** All topics of dead letters, each with the topic that its events come from. */
export const deadLetterTopics: readonly { name: string; topic: TopicName }[] = liveTopics.map((topic) => ({
  name: deadLetterTopic(topic),
  topic,
}));

/** How long dead letters are kept, in seconds: as long as in their topic. */
export const DEAD_LETTER_SECONDS = DEAD_LETTER_MS / 1000;
