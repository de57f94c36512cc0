import { createServer } from 'node:net';

/** The fixed ports of the infrastructure; those of apps and sidecars stand in the list of apps. */
export type Ports = {
  postgres: number;
  kafka: number;
  kafkaController: number;
  identity: number;
  mail: number;
  /** The Dapr CLI looks for sentry nowhere else. */
  sentry: 50001;
  sentryHealth: number;
  scheduler: number;
  schedulerHealth: number;
  schedulerMetrics: number;
  etcdClient: number;
  etcdPeer: number;
};

/** The ports, three of which the environment may change. @throws on one that is no port. */
export const readPorts = (env: NodeJS.ProcessEnv): Ports => ({
  postgres: portFrom(env, 'POSTGRES_PORT', 5433),
  kafka: portFrom(env, 'KAFKA_PORT', 9092),
  kafkaController: portFrom(env, 'KAFKA_CONTROLLER_PORT', 9093),
  identity: 4005,
  mail: 4025,
  sentry: 50001,
  sentryHealth: 3590,
  scheduler: 3591,
  schedulerHealth: 3592,
  schedulerMetrics: 3593,
  etcdClient: 3594,
  etcdPeer: 3595,
});

const portFrom = (env: NodeJS.ProcessEnv, name: string, otherwise: number): number => {
  const text = env[name];
  if (text === undefined || text === '') return otherwise;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`${name}=${text} is not a port`);
  return port;
};

export type WantedPort = { port: number; use: string; host: string };

/** Those of the ports that something else listens on. */
export const takenPorts = async (wanted: WantedPort[]): Promise<WantedPort[]> => {
  const free = await Promise.all(
    wanted.map(async ({ port, host }) => (await isFree(port, host)) && isFree(port, '::1')),
  );
  return wanted.filter((_, index) => !free[index]);
};

const isFree = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      // A machine without IPv6 has nobody there.
      else if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve(true);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });

/** The message for taken ports, with how to find who has them. */
export const takenPortsText = (taken: WantedPort[], platform: NodeJS.Platform = process.platform): string =>
  [
    'These ports are taken by other programs:',
    ...taken.map(({ port, use }) => `    ${String(port).padStart(5)}  wanted by ${use}`),
    platform === 'linux'
      ? `To find a program: ss -ltnp 'sport = :${taken[0]?.port}'`
      : `To find a program: lsof -nP -iTCP:${taken[0]?.port} -sTCP:LISTEN`,
  ].join('\n');
