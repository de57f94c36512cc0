import { type Cluster, type Safety } from './topics.ts';
import { z } from 'zod';

const needed = (name: string) => z.string({ error: 'is required' }).min(1).describe(name);
const common = {
  KAFKA_BROKERS: z
    .string()
    .transform((text) => text.split(',').map((broker) => broker.trim()))
    .pipe(z.array(z.string().regex(/^[^:]+:\d+$/, 'is a list of host:port, comma-separated')).min(1)),
  KAFKA_CA_CERT: z.string().optional().describe("the brokers' authority, as PEM; those that Node knows unless given"),
  KAFKA_REPLICATION_FACTOR: z.coerce.number().int().min(1),
  KAFKA_MIN_IN_SYNC_REPLICAS: z.coerce.number().int().min(1),
};

/** Where the topics are to be, and who asks: the variables that the chart's Job sets. */
const schema = z.discriminatedUnion('KAFKA_AUTH', [
  z.object({ KAFKA_AUTH: z.enum(['none', 'tls']), ...common }),
  z.object({
    KAFKA_AUTH: z.literal('password'),
    KAFKA_USERNAME: needed('user name'),
    KAFKA_PASSWORD: needed('password'),
    KAFKA_SASL_MECHANISM: z.enum(['SHA-256', 'SHA-512', 'PLAINTEXT']).default('SHA-512'),
    ...common,
  }),
  z.object({
    KAFKA_AUTH: z.literal('mtls'),
    KAFKA_CLIENT_CERT: needed('client certificate, as PEM'),
    KAFKA_CLIENT_KEY: needed('its key, as PEM'),
    ...common,
  }),
]);

/** What Kafka calls the mechanisms that Dapr's component knows by these names. */
const mechanisms = { 'SHA-256': 'SCRAM-SHA-256', 'SHA-512': 'SCRAM-SHA-512', PLAINTEXT: 'PLAIN' } as const;

/** Checks the variables: more brokers that must have a message than hold it would refuse every message. */
export const createTopicsConfig = schema
  .refine(({ KAFKA_MIN_IN_SYNC_REPLICAS: needed, KAFKA_REPLICATION_FACTOR: all }) => needed <= all, {
    path: ['KAFKA_MIN_IN_SYNC_REPLICAS'],
    error: 'is more than KAFKA_REPLICATION_FACTOR',
  })
  .transform((config): { cluster: Cluster; safety: Safety } => {
    const { KAFKA_BROKERS: brokers, KAFKA_CA_CERT: ca } = config;
    const cluster: Cluster = { brokers };
    if (config.KAFKA_AUTH !== 'none') cluster.tls = { ...(ca && { ca }) };
    if (config.KAFKA_AUTH === 'mtls')
      cluster.tls = { ...cluster.tls, cert: config.KAFKA_CLIENT_CERT, key: config.KAFKA_CLIENT_KEY };
    if (config.KAFKA_AUTH === 'password')
      cluster.sasl = {
        mechanism: mechanisms[config.KAFKA_SASL_MECHANISM],
        username: config.KAFKA_USERNAME,
        password: config.KAFKA_PASSWORD,
      };
    const { KAFKA_REPLICATION_FACTOR: replicas, KAFKA_MIN_IN_SYNC_REPLICAS: minInSyncReplicas } = config;
    return { cluster, safety: { replicas, minInSyncReplicas } };
  });
