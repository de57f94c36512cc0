import type { FastifyInstance } from 'fastify';
import type { Stop } from './shutdown.ts';

/**
 * Prepares a server for its end; call it before routes are added. The stop that it returns takes no new connection, lets
 * the requests under way finish, then closes every connection. Node alone would wait for those on which a client has
 * sent nothing yet, as a sidecar's or a browser's spare ones.
 * @param graceMs how long requests under way may take, in milliseconds; a stream whose client reads nothing ends there
 */
export function closeWhenIdle(app: FastifyInstance, graceMs = 5_000): Stop {
  let underWay = 0;
  const idle = Promise.withResolvers<void>();
  let closing = false;
  const check = (): void => {
    if (closing && underWay === 0) idle.resolve();
  };
  app.addHook('onRequest', async (_, reply) => {
    underWay += 1;
    // Comes also where the client went away, and after a reply that bypasses the framework.
    reply.raw.once('close', () => {
      underWay -= 1;
      check();
    });
  });
  return async () => {
    closing = true;
    const closed = app.close();
    check();
    const grace = setTimeout(idle.resolve, graceMs);
    await idle.promise;
    clearTimeout(grace);
    app.server.closeAllConnections();
    await closed;
  };
}
