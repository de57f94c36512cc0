import type { IncomingHttpHeaders } from 'node:http';
import { closeWhenIdle } from '@todo/service/close';
import { fromOwnSidecar } from '@todo/service/sidecar';
import type { Stop } from '@todo/service/shutdown';
import { fastify } from 'fastify';
import type { GatewayContext } from '../context.ts';
import { readEvent, type CloudEvent } from '../subscriptions/event.ts';
import type { Hub } from '../subscriptions/hub.ts';
import type { Markers } from '../subscriptions/markers.ts';
import { addHealth, type Readiness } from './health.ts';

/** A message of a MiB, which is what a broker passes on, with every character escaped. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/** The internal port: events from the own sidecar, metrics, health. Never to be reached from outside. */
export async function startInternalServer(
  { config, logger, metrics }: GatewayContext,
  hub: Hub,
  markers: Markers,
  readiness: Readiness,
): Promise<{ url: string; stop: Stop }> {
  const app = fastify({ bodyLimit: MAX_EVENT_BYTES });
  const stop = closeWhenIdle(app);
  addHealth(app, readiness, true);
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  const { APP_API_TOKEN: appToken } = config;
  if (appToken !== undefined) {
    const receive = (topic: string, headers: IncomingHttpHeaders, body: string): void => {
      const event = readEvent(body);
      const [partition, offset, timestamp = 0] = ['__partition', '__offset', '__timestamp'].map((name) =>
        whole(headers[name]),
      );
      if (!event || partition === undefined || offset === undefined) {
        // It would be the same the next time, and hold back its partition: sending it again helps nobody.
        metrics.eventsDropped.inc({ reason: 'malformed' });
        logger.warn({ topic, partition, offset }, 'what the sidecar delivered is no CloudEvent, or has no place');
      }
      if (partition === undefined || offset === undefined) return;
      const isMarker = event !== undefined && markers.take(event, topic, partition);
      if (event && !isMarker) metrics.eventsReceived.inc({ topic });
      // What is no event has its offset all the same: without it what follows would seem to come after a gap.
      hub.take({ topic, partition, offset, timestamp, event: event ?? unreadable(timestamp) }, isMarker || !event);
    };
    await app.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
      scope.setErrorHandler((error: { statusCode?: number }, request, reply) => {
        const { statusCode = 500 } = error;
        if (statusCode < 500) {
          receive((request.params as { topic: string }).topic, request.headers, '');
          return reply.code(200).send({ status: 'SUCCESS' });
        }
        logger.error({ err: error }, 'unexpected error');
        return reply.code(statusCode).send({ status: 'RETRY' });
      });
      scope.post<{ Params: { topic: string } }>(
        '/events/:topic',
        { onRequest: fromOwnSidecar(appToken) },
        async ({ params: { topic }, body, headers }) => {
          receive(topic, headers, String(body));
          return { status: 'SUCCESS' };
        },
      );
    });
  }
  const url = await app.listen({ host: config.INTERNAL_HOST, port: config.INTERNAL_PORT ?? 0 });
  return { url, stop };
}

/** A number in a header; undefined where it is none. */
function whole(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}

/** Stands for a record that is no event; the broker's time tells it from others, on every replica alike. */
function unreadable(timestamp: number): CloudEvent {
  return { specversion: '1.0', id: String(timestamp), source: 'unreadable', type: 'unreadable', data: undefined };
}
