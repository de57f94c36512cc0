import { app } from './ready.ts';

/** Publishes through the task service's sidecar, as its outbox relay does. `event` may be anything. */
export async function publish(topic: string, event: object, key: string): Promise<void> {
  const { daprHttpPort, daprApiToken } = app('task-service');
  const response = await fetch(
    `http://127.0.0.1:${daprHttpPort}/v1.0/publish/task-events/${topic}?metadata.partitionKey=${key}`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', 'dapr-api-token': daprApiToken },
      body: JSON.stringify(event),
    },
  );
  if (response.status !== 204) throw new Error(`publishing to ${topic}: ${response.status} ${await response.text()}`);
}

/** As many events as fit into one request, in order; each with its subject as the key. @throws unless the broker takes all */
export async function publishBulk(
  topic: string,
  events: readonly { id: string; subject: string }[],
  publisher = 'task-service',
): Promise<void> {
  const { daprHttpPort, daprApiToken } = app(publisher);
  const response = await fetch(`http://127.0.0.1:${daprHttpPort}/v1.0/publish/bulk/task-events/${topic}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'dapr-api-token': daprApiToken },
    body: JSON.stringify(
      events.map((event) => ({
        entryId: event.id,
        event,
        contentType: 'application/cloudevents+json',
        metadata: { partitionKey: event.subject },
      })),
    ),
  });
  if (response.status !== 204) throw new Error(`publishing to ${topic}: ${response.status} ${await response.text()}`);
}
