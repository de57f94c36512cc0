import { Admin } from '@platformatic/kafka';
import { topics as declared } from '@todo/service/topics';
import type { Topic } from '@todo/service/topics';
import { until } from '../parts/wait.ts';

const withAdmin = async <T>(brokers: string[], use: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = new Admin({ clientId: 'todo-dev', bootstrapBrokers: brokers, retries: 0, timeout: 5000 });
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
};

/** Whether the cluster answers and has a broker that takes requests. */
export const acceptsClients = (brokers: string[]): Promise<boolean> =>
  falseWhenRefused(() => withAdmin(brokers, async (admin) => (await admin.metadata({ topics: [] })).brokers.size > 0));

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
  brokers: string[],
  signal: AbortSignal,
  topics: Topic[] = declared,
): Promise<string[]> =>
  withAdmin(brokers, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ name }) => !existing.has(name));
    // The settings are common to all topics of one request.
    for (const group of Map.groupBy(missing, (topic) => `${topic.retentionMs} ${topic.segmentMs}`).values()) {
      const [{ retentionMs, segmentMs }] = group as [Topic];
      await admin.createTopics({
        topics: group.map(({ name, partitions }) => ({ topic: name, partitions, replicas: 1 })),
        configs: [
          { name: 'retention.ms', value: String(retentionMs) },
          { name: 'segment.ms', value: String(segmentMs) },
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
