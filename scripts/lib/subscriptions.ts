import {
  type ConsumerName,
  consumers,
  DEAD_LETTER_KEEPER,
  deadLetterTopic,
  deadLetterTopics,
} from '@todo/service/topics';
import { PUBSUB } from '@todo/service/events';
import { stringify } from 'yaml';

/** Dapr's Subscription resources of the services, as YAML documents: from the table of consumers. */
export function serviceSubscriptions(): string {
  const documents = (Object.keys(consumers) as ConsumerName[]).flatMap((app) =>
    consumers[app].topics.map((topic) =>
      stringify({
        apiVersion: 'dapr.io/v2alpha1',
        kind: 'Subscription',
        metadata: { name: `${app}-${topic.replaceAll('.', '-')}` },
        spec: {
          pubsubname: PUBSUB,
          topic,
          routes: { default: `/events/${topic}` },
          deadLetterTopic: deadLetterTopic(topic),
          ...(consumers[app].bulk && {
            bulkSubscribe: { enabled: true, maxMessagesCount: 100, maxAwaitDurationMs: 1000 },
          }),
        },
        scopes: [app],
      }),
    ),
  );
  // Without a dead-letter topic of their own: what cannot be kept now comes again. Raw: what is no event, and so is here,
  // would come again for ever, and hold back all behind it.
  const deadLetters = deadLetterTopics.map(({ name }) =>
    stringify({
      apiVersion: 'dapr.io/v2alpha1',
      kind: 'Subscription',
      metadata: { name: `${DEAD_LETTER_KEEPER}-${name.replaceAll('.', '-')}` },
      spec: {
        pubsubname: PUBSUB,
        topic: name,
        routes: { default: `/events/${name}` },
        metadata: { rawPayload: 'true' },
      },
      scopes: [DEAD_LETTER_KEEPER],
    }),
  );
  return [...documents, ...deadLetters].join('---\n');
}
