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
 * subscription fields need. Without bulk: here latency matters. The dead-letter topic is for what the sidecar itself
 * cannot decode and would otherwise try for ever, holding back the partition; the gateway answers all that reaches it.
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
scopes:
  - ${appId}
`;
    })
    .join('---\n');
}
