import type { Dapr } from '@todo/service/dapr';
import type { Documents } from '@todo/service/documents';
import { createLogger } from '@todo/service/logger';
import { StaleState, type Versioned } from '@todo/service/state';
import type { AppContext } from '../context.ts';
import { openHints } from '../hints.ts';
import { jobOf, scheduleKey, type TaskSchedule, toCome } from '../reminder.ts';
import type { TaskFacts } from '../task-service.ts';

/** A scheduler whose neighbours are in memory: a store that knows ETags, Dapr's jobs, the broker, the task service. */
export type TestScheduler = {
  context: AppContext;
  /** The documents as they are, by key. */
  stored: Map<string, Versioned<unknown>>;
  /** When each job fires, by name. */
  jobs: Map<string, string>;
  /** What was sent to the sidecar, in order, such as `SET name`. */
  calls: string[];
  published: { id: string; data: any }[];
  /** What the task service was asked to create, in order. */
  created: any[];
  /** What the task service knows. */
  tasks: Map<string, TaskFacts>;
  /** Runs before each write: a throw is what the store answers. */
  beforeSave: (key: string) => Promise<void> | void;
  /** Runs before anything is sent to the sidecar. */
  beforeSend: (call: string) => void;
  schedule(taskId: string): TaskSchedule;
  /** The one job that a task has to come. */
  job(taskId: string): string;
};

export function testScheduler(remindBefore: number[] = [0, 3_600_000]): TestScheduler {
  let etags = 0;
  const test = {
    stored: new Map(),
    jobs: new Map(),
    calls: [],
    published: [],
    created: [],
    tasks: new Map(),
    beforeSave() {},
    beforeSend() {},
    schedule: (taskId) => test.stored.get(scheduleKey(taskId))?.value as TaskSchedule,
    job(taskId) {
      const [reminder, ...more] = toCome(test.schedule(taskId)).values();
      if (!reminder || more.length > 0) throw new Error('not one job');
      return jobOf(reminder);
    },
  } as Omit<TestScheduler, 'context'> as TestScheduler;

  const read = (key: string) => structuredClone(test.stored.get(key));
  const documents = {
    get: async (key: string) => read(key),
    getMany: async (keys: readonly string[]) =>
      new Map(keys.flatMap((key) => (test.stored.has(key) ? [[key, read(key)]] : [])) as []),
    async save(write) {
      await test.beforeSave(write.key);
      const known = test.stored.get(write.key);
      if (write.op === 'create' ? known : known?.etag !== write.etag) throw new StaleState(write.key);
      test.stored.set(write.key, { value: structuredClone(write.value), etag: `${(etags += 1)}` });
    },
  } as Documents;

  async function send(path: string, { method = 'POST', body }: { method?: string; body?: any }) {
    const name = path.split('/').at(-1) ?? '';
    const isInvocation = path.startsWith('/v1.0/invoke/');
    const call = `${isInvocation ? 'INVOKE' : method === 'POST' ? 'SET' : method} ${name}`;
    test.beforeSend(call);
    test.calls.push(call);
    if (isInvocation) {
      test.created.push(body);
      return { status: 200, body: JSON.stringify({ id: body.id }) };
    }
    if (method === 'POST') test.jobs.set(name, body.dueTime);
    const dueTime = test.jobs.get(name);
    if (method === 'DELETE') test.jobs.delete(name);
    if (method !== 'GET') return { status: 204, body: '' };
    return dueTime ? { status: 200, body: JSON.stringify({ dueTime }) } : { status: 500, body: 'job not found: x' };
  }
  async function publish(_pubsub: string, _topic: string, event: { id: string; data: unknown }) {
    test.beforeSend(`PUBLISH ${event.id}`);
    test.published.push(event);
    return {};
  }
  test.context = {
    appId: 'scheduler-service',
    dapr: { send, client: { pubsub: { publish } } } as unknown as Dapr,
    documents,
    hints: openHints(documents),
    tasks: { load: async (id) => test.tasks.get(id) ?? null },
    taskAppId: 'task-service',
    remindBefore,
    logger: createLogger('test', 'silent'),
  };
  return test;
}

/** A task of Alice's, due in the distant future. */
export const aTask = (fields: Partial<TaskFacts> = {}): TaskFacts => ({
  id: 't1',
  ownerId: 'alice',
  title: 'Water the plants',
  status: 'PENDING',
  dueAt: '2040-01-01T12:00:00.000Z',
  dueTimeZone: null,
  version: 1,
  ...fields,
});
