import { PUBSUB } from '@todo/service/events';
import {
  type ConsumerName,
  consumers,
  DEAD_LETTER_KEEPER,
  deadLetterTopic,
  deadLetterTopics,
  producers,
  type TopicName,
} from '@todo/service/topics';
import { stringify } from 'yaml';

/** A service's topics as Dapr's topic scopes say them: `app=topic,topic`. An app that is listed may use no other. */
type Scopes = Map<string, Set<string>>;

const text = (scopes: Scopes): string =>
  [...scopes].map(([app, topics]) => `${app}=${[...topics].join(',')}`).join(';');

function kafka(name: string, group: string, offset: string, publishing: Scopes, subscription: Scopes): string {
  const metadata = {
    brokers: { envRef: 'KAFKA_BROKERS' },
    authType: { value: 'none' },
    consumerGroup: { value: group },
    clientID: { value: group },
    initialOffset: { value: offset },
    maxMessageBytes: { value: '1048576' },
    // A record header must not be able to forge __partition or __offset.
    excludeHeaderMetaRegex: { value: '^__' },
    publishingScopes: { value: text(publishing) },
    subscriptionScopes: { value: text(subscription) },
  };
  return stringify(
    {
      apiVersion: 'dapr.io/v1alpha1',
      kind: 'Component',
      metadata: { name },
      spec: {
        type: 'pubsub.kafka',
        version: 'v1',
        metadata: Object.entries(metadata).map(([key, value]) => ({ name: key, ...value })),
      },
      scopes: [...publishing.keys()],
    },
    { lineWidth: 0 },
  );
}

/**
 * Dapr's pub/sub components, both on one broker, as YAML documents. In a service's consumer group one replica gets each
 * event; every gateway replica has a group of its own, because each holds other subscribers. Each app may publish and
 * consume what the tables of producers and consumers say, and what it cannot handle goes to dead letters. Who keeps those
 * may publish their events again.
 * @param live the topics that the gateway's subscriptions need: it consumes them, and publishes its markers there
 */
export function pubsubComponents(gateway: string, live: string[]): string {
  const publishing: Scopes = new Map();
  const subscription: Scopes = new Map();
  for (const app of new Set([...Object.keys(producers), ...Object.keys(consumers)])) {
    const produced: readonly TopicName[] = producers[app as keyof typeof producers] ?? [];
    const consumed: readonly TopicName[] = consumers[app as ConsumerName]?.topics ?? [];
    const isKeeper = app === DEAD_LETTER_KEEPER;
    const replayed = isKeeper ? deadLetterTopics.map(({ topic }) => topic) : [];
    const kept = isKeeper ? deadLetterTopics.map(({ name }) => name) : [];
    publishing.set(app, new Set([...produced, ...consumed.map(deadLetterTopic), ...replayed]));
    subscription.set(app, new Set([...consumed, ...kept]));
  }
  const replica = new Map([[gateway, new Set([...live, ...live.map(deadLetterTopic)])]]);
  return [
    kafka(PUBSUB, '{appID}', 'oldest', publishing, subscription),
    kafka(`${PUBSUB}-replica`, '{appID}-{podName}', 'newest', replica, new Map([[gateway, new Set(live)]])),
  ].join('---\n');
}
