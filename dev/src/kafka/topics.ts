import { Admin, type AdminOptions } from '@platformatic/kafka';
import { topics as declared } from '@todo/service/topics';
import type { Topic } from '@todo/service/topics';
import { until } from '../parts/wait.ts';

/** Brokers, and how to log in there; plain text unless told. */
export type Cluster = { brokers: string[] } & Pick<AdminOptions, 'tls' | 'sasl'>;

/** How many brokers hold each topic, and how many must have a message before it counts as published. */
export type Safety = { replicas: number; minInSyncReplicas: number };

const withAdmin = async <T>({ brokers, ...login }: Cluster, use: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = new Admin({ clientId: 'todo-dev', bootstrapBrokers: brokers, retries: 0, timeout: 5000, ...login });
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
};

/** Whether the cluster answers and has a broker that takes requests. */
export const acceptsClients = (brokers: string[]): Promise<boolean> =>
  falseWhenRefused(() =>
    withAdmin({ brokers }, async (admin) => (await admin.metadata({ topics: [] })).brokers.size > 0),
  );

/** Before a broker is up its port is closed, and before it knows a new topic it says so: both pass by themselves. */
const falseWhenRefused = async (ask: () => Promise<boolean>): Promise<boolean> => {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('PLT_KFK_')) return false;
    throw error;
  }
};

/**
 * Creates the declared topics that are missing, and resolves when every partition of every topic has a leader.
 * @returns the names of those it created
 */
export const createTopics = async (
  cluster: Cluster,
  signal: AbortSignal,
  { replicas, minInSyncReplicas }: Safety = { replicas: 1, minInSyncReplicas: 1 },
  topics: Topic[] = declared,
): Promise<string[]> =>
  withAdmin(cluster, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ name }) => !existing.has(name));
    // The settings are common to all topics of one request.
    for (const group of Map.groupBy(missing, (topic) => `${topic.retentionMs} ${topic.segmentMs}`).values()) {
      const [{ retentionMs, segmentMs }] = group as [Topic];
      await admin.createTopics({
        topics: group.map(({ name, partitions }) => ({ topic: name, partitions, replicas })),
        configs: [
          { name: 'retention.ms', value: String(retentionMs) },
          { name: 'segment.ms', value: String(segmentMs) },
          { name: 'min.insync.replicas', value: String(minInSyncReplicas) },
        ],
      });
    }
    await until(
      () => falseWhenRefused(() => haveLeaders(admin, topics)),
      AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
    );
    return missing.map(({ name }) => name);
  });

const haveLeaders = async (admin: Admin, topics: Topic[]): Promise<boolean> => {
  const names = topics.map(({ name }) => name);
  const metadata = await admin.metadata({ topics: names, forceUpdate: true });
  return topics.every(({ name, partitions }) => {
    const found = metadata.topics.get(name)?.partitions ?? [];
    return found.length >= partitions && found.every(({ leader }) => leader >= 0);
  });
};
