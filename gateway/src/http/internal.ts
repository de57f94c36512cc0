import { closeWhenIdle } from '@todo/service/close';
import { fromOwnSidecar } from '@todo/service/sidecar';
import type { Stop } from '@todo/service/shutdown';
import { fastify } from 'fastify';
import type { GatewayContext } from '../context.ts';
import { readEvent } from '../subscriptions/event.ts';
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
    const malformed = (topic: string): { status: 'SUCCESS' } => {
      // It would be the same the next time, and hold back its partition: sending it again helps nobody.
      metrics.eventsDropped.inc({ reason: 'malformed' });
      logger.warn({ topic }, 'what the sidecar delivered is no CloudEvent, or has no place in a partition');
      return { status: 'SUCCESS' };
    };
    await app.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
      scope.setErrorHandler((error: { statusCode?: number }, request, reply) => {
        const { statusCode = 500 } = error;
        if (statusCode < 500) return reply.code(200).send(malformed((request.params as { topic: string }).topic));
        logger.error({ err: error }, 'unexpected error');
        return reply.code(statusCode).send({ status: 'RETRY' });
      });
      scope.post<{ Params: { topic: string } }>(
        '/events/:topic',
        { onRequest: fromOwnSidecar(appToken) },
        async ({ params: { topic }, body, headers }) => {
          const event = readEvent(String(body));
          const [partition, offset] = [whole(headers['__partition']), whole(headers['__offset'])];
          if (!event || partition === undefined || offset === undefined) return malformed(topic);
          const isMarker = markers.take(event, topic, partition);
          if (!isMarker) metrics.eventsReceived.inc({ topic });
          hub.take({ topic, partition, offset, timestamp: whole(headers['__timestamp']) ?? 0, event }, isMarker);
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
