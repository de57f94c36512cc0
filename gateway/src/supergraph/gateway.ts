import { readFile } from 'node:fs/promises';
import { unwatchFile, watchFile } from 'node:fs';
import apollo from '@apollo/gateway';
import type { GraphQLSchema } from 'graphql';
import type { GatewayContext } from '../context.ts';
import type { GatewayExecutor } from '../operations/executor.ts';
import { prepareForApolloGateway } from './prepare.ts';
import { buildSupergraph, type Supergraph } from './supergraph.ts';

const WATCH_INTERVAL_MS = 1000;

/** The supergraph's life: loaded from its file, and again whenever that changes; what does not hold together is refused. */
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

/**
 * Keeps the supergraph with ApolloGateway: the first must hold together (loading throws otherwise); a later one that
 * does not is logged and counted, and the one in force stays. `accept` is called with each that comes into force.
 */
export function createSupergraphSource(
  { config, logger, metrics }: GatewayContext,
  accept: (supergraph: Supergraph) => void,
): SupergraphSource {
  // ApolloGateway would report usage to its maker.
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
  const file = config.SUPERGRAPH;
  const bySchema = new WeakMap<GraphQLSchema, Supergraph>();
  let next: Supergraph | undefined;
  let inForce: Supergraph | undefined;
  let recheck: (() => Promise<void>) | undefined;

  const prepare = (sdl: string): string => {
    next = buildSupergraph(sdl, config);
    return prepareForApolloGateway(sdl);
  };

  const reload = async (update: (sdl: string) => void): Promise<void> => {
    try {
      const sdl = await readFile(file, 'utf8');
      if (sdl === inForce?.sdl) return;
      update(prepare(sdl));
      metrics.supergraphReloads.inc({ outcome: 'accepted' });
      logger.info({ file }, 'supergraph reloaded');
    } catch (error) {
      metrics.supergraphReloads.inc({ outcome: 'refused' });
      logger.error({ err: error, file }, 'the changed supergraph is refused: the one in force stays');
    }
  };

  const gateway = new apollo.ApolloGateway({
    logger: quieter(logger),
    buildService: () => ({ process: () => Promise.reject(new Error('the gateway executes its plans itself')) }),
    supergraphSdl: async ({ update }) => {
      const supergraphSdl = prepare(await readFile(file, 'utf8'));
      // Polls the file itself: events of its directory miss the way Kubernetes swaps mounted files.
      recheck = () => reload(update);
      watchFile(file, { interval: WATCH_INTERVAL_MS, persistent: false }, () => void recheck?.());
      return { supergraphSdl, cleanup: async () => unwatchFile(file) };
    },
  });
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    if (!next) return;
    inForce = next;
    bySchema.set(apiSchema, next);
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
      stop: () => gateway.stop(),
    }),
    supergraphOf: (schema) => {
      const supergraph = bySchema.get(schema) ?? inForce;
      if (!supergraph) throw new Error('no supergraph is loaded yet');
      return supergraph;
    },
    current: () => inForce,
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
