import type { App } from './list.ts';

/** How far a replica's ports are above those of the app in the list. */
const PORT_STEP = 100;

/**
 * A second replica of an app: the same app id, settings, tokens and resources, with ports of its own and a name of its
 * own, by which it gets every event itself. It opens nothing beyond loopback.
 */
export const replicaOf = (app: App): App => {
  const publicPort = app.publicPort === undefined ? undefined : app.publicPort + PORT_STEP;
  return {
    ...app,
    name: `${app.id}-replica`,
    podName: `${app.id}-1`,
    port: app.port + PORT_STEP,
    publicPort,
    publicHost: '127.0.0.1',
    daprHttpPort: app.daprHttpPort + PORT_STEP,
    daprGrpcPort: app.daprGrpcPort + PORT_STEP,
    daprInternalGrpcPort: app.daprInternalGrpcPort + PORT_STEP,
    metricsPort: app.metricsPort + PORT_STEP,
    env: { ...app.env, ...(publicPort !== undefined && { PORT: String(publicPort) }) },
  };
};
