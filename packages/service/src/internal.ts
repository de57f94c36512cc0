import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Logger } from './logger.ts';
import { fromApp, fromOwnSidecar } from './sidecar.ts';

/** A route that one other app may invoke through Dapr; access control must allow it as well. */
export type InternalRoute = {
  /** Begins with /internal/. */
  path: string;
  /** The id of the one app that may call it. */
  from: string;
  handle(body: unknown): Promise<unknown>;
};

/** A route whose body is checked first: what does not fit is answered with 400 and what is wrong with it. */
export function internalRoute<T extends z.ZodType>(route: {
  path: `/internal/${string}`;
  from: string;
  body: T;
  handle(body: z.infer<T>): Promise<unknown>;
}): InternalRoute {
  return { path: route.path, from: route.from, handle: async (body) => route.handle(route.body.parse(body)) };
}

/** Adds `POST` for each route, for its one caller only. Anything unexpected is 500, and logged. */
export function receiveInternal(
  app: FastifyInstance,
  routes: readonly InternalRoute[],
  { appToken, logger }: { appToken: string; logger: Logger },
): void {
  for (const { path, from, handle } of routes)
    app.post(path, { onRequest: fromApp(appToken, from) }, async (request, reply) => {
      try {
        return await reply.send(await handle(request.body));
      } catch (error) {
        if (error instanceof z.ZodError) return reply.code(400).send({ error: z.prettifyError(error) });
        logger.error({ err: error, path }, 'an internal call failed');
        return reply.code(500).send({ error: 'failed' });
      }
    });
}

/** What is done when an input binding of the own sidecar fires, by the binding's route, which begins with /bindings/. */
export type BindingHandlers = Record<string, () => Promise<void>>;

/** Adds the routes of input bindings, for the own sidecar only. Before it uses one it asks with OPTIONS whether it is there. */
export function receiveBindings(
  app: FastifyInstance,
  handlers: BindingHandlers,
  { appToken, logger }: { appToken: string; logger: Logger },
): void {
  void app.register(async (scope) => {
    // A clock that strikes sends nothing, and calls it JSON.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null));
    scope.addHook('onRequest', fromOwnSidecar(appToken));
    for (const [path, handle] of Object.entries(handlers)) {
      scope.options(path, async () => ({}));
      scope.post(path, async (_, reply) => {
        try {
          await handle();
          return await reply.send({});
        } catch (error) {
          logger.error({ err: error, path }, 'what a binding asked for failed');
          return reply.code(500).send({ error: 'failed' });
        }
      });
    }
  });
}
