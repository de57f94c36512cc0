import type { FastifyInstance } from 'fastify';

/** What keeps the gateway from serving, a line each; empty where it is ready. */
export type Readiness = () => string[];

/** `/healthz`: the process is alive. `/readyz`: it can serve, or 503 with what it waits for. */
export function addHealth(app: FastifyInstance, readiness: Readiness): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', (_request, reply) => {
    const waitingFor = readiness();
    return reply
      .code(waitingFor.length === 0 ? 200 : 503)
      .send(waitingFor.length === 0 ? { status: 'ready' } : { status: 'not ready', waitingFor });
  });
}
