import type { Dapr } from './dapr.ts';
import { PUBSUB } from './events.ts';

const CLOUD_EVENT = 'application/cloudevents+json';

/** What is published: a CloudEvent and the key whose order is kept. */
export type Publication = { topic: string; key: string; event: { id: string } };

/** Publishes one event and resolves when the broker has it. @throws where it does not take it */
export async function publish(dapr: Dapr, { topic, key, event }: Publication): Promise<void> {
  const result = await dapr.client.pubsub.publish(PUBSUB, topic, event, {
    contentType: CLOUD_EVENT,
    metadata: { partitionKey: key },
  });
  if (result.error) throw new Error(`publishing to ${topic}: ${result.error.message}`, { cause: result.error });
}

/**
 * Publishes events of one topic, in order within a key. Resolves with the ids of those that the broker did not take.
 * Not through the SDK's publishBulk: it reads `entryID` where the answer says `entryId`, so that failures go unseen.
 */
export async function publishBulk(dapr: Dapr, topic: string, batch: Publication[]): Promise<Set<string>> {
  const { status, body } = await dapr.send(`/v1.0/publish/bulk/${PUBSUB}/${topic}`, {
    body: batch.map(({ key, event }) => ({
      entryId: event.id,
      event,
      contentType: CLOUD_EVENT,
      metadata: { partitionKey: key },
    })),
  });
  if (status >= 200 && status < 300) return new Set();
  const failed = failedEntries(body);
  if (failed === undefined) throw new Error(`publishing to ${topic}: status ${status}: ${body.slice(0, 500)}`);
  return failed;
}

function failedEntries(body: string): Set<string> | undefined {
  try {
    const { failedEntries } = JSON.parse(body) as { failedEntries?: { entryId: string }[] };
    return failedEntries && failedEntries.length > 0 ? new Set(failedEntries.map((e) => e.entryId)) : undefined;
  } catch {
    return undefined;
  }
}
