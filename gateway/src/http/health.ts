import type { FastifyInstance } from 'fastify';

/** What keeps the gateway from serving, a line each; empty where it is ready. */
export type Readiness = () => string[];

/** `/healthz`: the process is alive. `/readyz`: it can serve, or 503, `detailed` with what it waits for. */
export function addHealth(app: FastifyInstance, readiness: Readiness, detailed: boolean): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', (_request, reply) => {
    const waitingFor = readiness();
    if (waitingFor.length === 0) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready', ...(detailed && { waitingFor }) });
  });
}
