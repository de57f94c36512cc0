import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Stop } from '@todo/service/shutdown';

/** What was published: a marker's topic and partition, and the event. */
type Published = { pubsub: string; topic: string; partition: string; event: Record<string, unknown>; token: unknown };

/** A sidecar for tests, which hands what is published to a gateway's internal port once it `delivers`. */
export type TestSidecar = {
  endpoint: string;
  published: Published[];
  /** Events go there, and from now on what is published as well, unless `publications` is false. */
  deliverTo: (internalUrl: string, publications?: boolean) => void;
  /** Delivers an event; resolves with the answer's status and body. */
  deliver: (
    topic: string,
    event: Record<string, unknown>,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; body: unknown }>;
  /** From now on publishing fails, as without a broker. */
  refusePublications: () => void;
  stop: Stop;
};

export const APP_TOKEN = 'app-token';
export const API_TOKEN = 'api-token';

export async function startSidecar(): Promise<TestSidecar> {
  const published: Published[] = [];
  const ends = new Map<string, number>();
  const last = new Map<string, Promise<unknown>>();
  let target: string | undefined;
  let forwards = false;
  let refuses = false;

  const send: TestSidecar['deliver'] = async (topic, event, headers) => {
    const response = await fetch(`${target}/events/${topic}`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', 'dapr-api-token': APP_TOKEN, ...headers },
      body: JSON.stringify({ specversion: '1.0', source: '/test', ...event }),
    });
    return { status: response.status, body: await response.json() };
  };

  // One record of a partition after another, as Dapr does: overtaken, a record would look lost.
  const deliver: TestSidecar['deliver'] = (topic, event, headers = {}) => {
    const place = `${topic} ${headers['__partition'] ?? '0'}`;
    const offset = ends.get(place) ?? 0;
    if (headers['__offset'] === undefined) ends.set(place, offset + 1);
    const broker = { __partition: '0', __offset: String(offset), __timestamp: String(Date.now()) };
    const before = last.get(place) ?? Promise.resolve();
    const delivered = before.then(() => send(topic, event, { ...broker, ...headers }));
    last.set(
      place,
      delivered.catch(() => undefined),
    );
    return delivered;
  };

  const server = createServer((request, response) => {
    void (async () => {
      const event = JSON.parse(Buffer.concat(await request.toArray()).toString());
      if (refuses) return response.writeHead(500).end();
      const url = new URL(request.url ?? '', 'http://sidecar');
      const [, , , pubsub, topic] = url.pathname.split('/') as string[];
      const partition = url.searchParams.get('metadata.partitionNumber') ?? '';
      const { 'dapr-api-token': token } = request.headers;
      published.push({ pubsub: String(pubsub), topic: String(topic), partition, event, token });
      response.writeHead(204).end();
      // A gateway that stops meanwhile takes nothing any more, as in life.
      if (forwards && topic) await deliver(topic, event, { __partition: partition }).catch(() => undefined);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    published,
    deliverTo: (internalUrl, publications = true) => {
      target = internalUrl;
      forwards = publications;
    },
    deliver,
    refusePublications: () => void (refuses = true),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
