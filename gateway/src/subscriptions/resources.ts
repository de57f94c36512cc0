import { readTopics } from './topics.ts';

/** The component that gives every replica every event: beside the one that services share a consumer group on. */
export const replicaComponent = (pubsub: string): string => `${pubsub}-replica`;

/** The topics that a supergraph's subscription fields are fed from, each once, with the component that carries it. */
export function topicsOf(fields: { pubsub: string; names: string[] }[]): { pubsub: string; topic: string }[] {
  const pubsubs = new Map(fields.flatMap(({ pubsub, names }) => names.map((topic) => [topic, pubsub])));
  return [...pubsubs].map(([topic, pubsub]) => ({ topic, pubsub })).sort((a, b) => (a.topic < b.topic ? -1 : 1));
}

/**
 * The Dapr Subscription resources (v2alpha1, YAML) that have a gateway's sidecar deliver what a supergraph's
 * subscription fields need. Without bulk: here latency matters. The payload comes as it is, wrapped: what the sidecar cannot
 * decode it would not deliver, and without that record's offset all that follows would seem to come after a gap. The
 * dead-letter topic is a net: the gateway answers all that reaches it.
 * @throws TopicProblems as `readTopics` does
 */
export function subscriptionResources(supergraphSdl: string, appId: string): string {
  return topicsOf(readTopics(supergraphSdl))
    .map(({ topic, pubsub }) => {
      const component = replicaComponent(pubsub);
      return `apiVersion: dapr.io/v2alpha1
kind: Subscription
metadata:
  name: ${appId}-${topic.toLowerCase().replaceAll('_', '-')}
spec:
  pubsubname: ${component}
  topic: ${topic}
  routes:
    default: /events/${topic}
  deadLetterTopic: ${topic}.dlq
  metadata:
    rawPayload: "true"
scopes:
  - ${appId}
`;
    })
    .join('---\n');
}
