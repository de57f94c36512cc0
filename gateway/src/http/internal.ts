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
  if (config.APP_API_TOKEN !== undefined) {
    app.addContentTypeParser(
      'application/cloudevents+json',
      { parseAs: 'string' },
      app.getDefaultJsonParser('error', 'error'),
    );
    app.post<{ Params: { topic: string } }>(
      '/events/:topic',
      { preHandler: fromOwnSidecar(config.APP_API_TOKEN) },
      async ({ params: { topic }, body, headers }) => {
        const event = readEvent(body);
        if (!event) {
          // It would be the same the next time: sending it again helps nobody.
          metrics.eventsDropped.inc({ reason: 'malformed' });
          logger.warn({ topic }, 'what the sidecar delivered is no CloudEvent');
        } else if (!markers.take(event, topic, Number(headers['__partition']))) {
          metrics.eventsReceived.inc({ topic });
          hub.publish(topic, event);
        }
        return { status: 'SUCCESS' };
      },
    );
  }
  const url = await app.listen({ host: config.INTERNAL_HOST, port: config.INTERNAL_PORT ?? 0 });
  return { url, stop };
}
