import apollo from '@apollo/gateway';
import type { GraphQLSchema } from 'graphql';
import type { GatewayContext } from '../context.ts';
import type { GatewayExecutor } from '../operations/executor.ts';
import { readFirst } from './first.ts';
import { originOf } from './origin.ts';
import type { Plannable } from './plan-cache.ts';
import { prepareForApolloGateway } from './prepare.ts';
import { buildSupergraph, type Supergraph } from './supergraph.ts';
import { warmUp } from './warm-up.ts';

/** The supergraph's life: loaded from its origin, and again whenever that changes; what does not hold together is refused. */
export type SupergraphSource = {
  /** What Apollo Server is given, with an executor of the gateway's own. */
  gatewayWith: (executor: GatewayExecutor) => {
    load: () => Promise<{ executor: GatewayExecutor }>;
    onSchemaLoadOrUpdate: apollo.ApolloGateway['onSchemaLoadOrUpdate'];
    stop: () => Promise<void>;
  };
  /** The supergraph whose API a schema is. */
  supergraphOf: (schema: GraphQLSchema) => Supergraph;
  /** The one in force; undefined before the first. */
  current: () => Supergraph | undefined;
};

type Update = (sdl: string) => void;

/**
 * Keeps the supergraph with ApolloGateway: the first must hold together (loading throws otherwise). A later one comes
 * into force at once for all operations that start from then on, and only when it is built and the plans of the most
 * used operations, and of those that are `streamed` meanwhile, are made; one that does not hold together is logged and
 * counted, and the one in force stays. `accept` is called with each that comes into force.
 */
export function createSupergraphSource(
  context: GatewayContext,
  accept: (supergraph: Supergraph) => void,
  streamed: () => Plannable[] = () => [],
): SupergraphSource {
  const { config, logger, metrics } = context;
  // ApolloGateway would report usage to its maker.
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
  const origin = originOf(config);
  const bySchema = new WeakMap<GraphQLSchema, Supergraph>();
  let next: Supergraph | undefined;
  let inForce: Supergraph | undefined;
  let refused: string | undefined;
  let unavailable = false;
  let stopped = false;
  let recheck: (() => Promise<void>) | undefined;

  const build = (sdl: string): Supergraph => {
    const built = buildSupergraph(sdl, config, {
      hit: () => metrics.planCacheHits.inc(),
      planned: (seconds) => {
        metrics.planSeconds.observe(seconds);
        // Before it is in force its plans are made in advance: nobody missed them.
        if (built === inForce) metrics.planCacheMisses.inc();
        metrics.plans.set(inForce?.plans.size() ?? 0);
      },
      evicted: () => metrics.planCacheEvictions.inc(),
    });
    return built;
  };

  /** undefined where there is nothing new. */
  const readAgain = async (): Promise<string | undefined> => {
    try {
      const sdl = await origin.read();
      if (unavailable) logger.info({ origin: origin.name }, 'the supergraph can be read again');
      unavailable = false;
      if (sdl === inForce?.sdl) refused = undefined;
      return sdl === inForce?.sdl || sdl === refused ? undefined : sdl;
    } catch (error) {
      if (stopped) return undefined;
      metrics.supergraphReloads.inc({ outcome: 'unavailable' });
      // Once, not at every look.
      if (!unavailable) logger.error({ err: error, origin: origin.name }, 'the supergraph cannot be read: it stays');
      unavailable = true;
      return undefined;
    }
  };

  const reload = async (update: Update): Promise<void> => {
    const sdl = await readAgain();
    if (sdl === undefined || stopped) return;
    try {
      const built = build(sdl);
      const mostUsed = inForce?.plans.mostUsed(config.PLAN_WARM_UP) ?? [];
      const warm = await warmUp(built, [...mostUsed, ...streamed()]);
      if (stopped) return;
      next = built;
      update(prepareForApolloGateway(sdl));
      metrics.supergraphReloads.inc({ outcome: 'accepted' });
      logger.info({ origin: origin.name, hash: built.hash, plansMade: warm }, 'supergraph reloaded');
    } catch (error) {
      refused = sdl;
      metrics.supergraphReloads.inc({ outcome: 'refused' });
      logger.error({ err: error, origin: origin.name }, 'the changed supergraph is refused: the one in force stays');
    }
  };

  const gateway = new apollo.ApolloGateway({
    logger: quieter(logger),
    buildService: () => ({ process: () => Promise.reject(new Error('the gateway executes its plans itself')) }),
    supergraphSdl: async ({ update }) => {
      const sdl = await readFirst(origin, context);
      next = build(sdl);
      recheck = oneAtATime(() => reload(update));
      const unwatch = origin.watch(() => void recheck?.());
      return { supergraphSdl: prepareForApolloGateway(sdl), cleanup: async () => unwatch() };
    },
  });
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    if (!next) return;
    inForce = next;
    bySchema.set(apiSchema, next);
    metrics.supergraphInfo.reset();
    metrics.supergraphInfo.set({ hash: next.hash }, 1);
    metrics.plans.set(next.plans.size());
    accept(next);
  });

  return {
    gatewayWith: (executor) => ({
      load: async () => {
        await gateway.load();
        // A change between the first reading and the first look of the watch would go unseen.
        await recheck?.();
        return { executor };
      },
      onSchemaLoadOrUpdate: (callback) => gateway.onSchemaLoadOrUpdate(callback),
      stop: () => {
        stopped = true;
        return gateway.stop();
      },
    }),
    supergraphOf: (schema) => {
      const supergraph = bySchema.get(schema) ?? inForce;
      if (!supergraph) throw new Error('no supergraph is loaded yet');
      return supergraph;
    },
    current: () => inForce,
  };
}

/** While it runs, being asked again means one more run at its end. */
function oneAtATime(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let again = false;
  const loop = async (): Promise<void> => {
    do {
      again = false;
      await run();
    } while (again);
  };
  return () => {
    again = running !== undefined;
    return (running ??= loop().finally(() => (running = undefined)));
  };
}

/** What ApolloGateway takes for information is detail here. */
function quieter(logger: GatewayContext['logger']) {
  return {
    debug: (message?: unknown) => logger.trace(message),
    info: (message?: unknown) => logger.debug(message),
    warn: (message?: unknown) => logger.warn(message),
    error: (message?: unknown) => logger.error(message),
  };
}
