import { createEvent, type DomainEvent, type TaskData } from '@todo/service/events';
import type { TaskTopic } from '../events/record.ts';

/** An event and the topic that it came on. */
export type Told = { topic: TaskTopic; event: DomainEvent<TaskTopic> };

/** Numbers from 0 to 1 that are the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A task that nothing was done to yet. */
export function newTask(id: string, createdAt: string, more: Partial<TaskData> = {}): TaskData {
  return {
    id,
    ownerId: 'alice',
    title: 'A task',
    description: null,
    status: 'PENDING',
    priority: 'NORMAL',
    tags: [],
    dueAt: null,
    dueTimeZone: null,
    checklist: [],
    createdAt,
    updatedAt: createdAt,
    completedAt: null,
    version: 1,
    ...more,
  };
}

/** What the task service tells of a task as it is after a change. */
export function told(topic: TaskTopic, data: TaskData): Told {
  const event = createEvent(topic, { source: 'task-service', subject: data.id, time: data.updatedAt, data });
  return { topic, event };
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** All that becomes of some tasks of some users within a year, each task's in order: `count` events or a few more. */
export function randomLives(count: number, options: { seed: number; users: number; from: string }): Told[] {
  const random = randomOf(options.seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const tags = () => ['home', 'work', 'garden', 'errand'].filter(() => random() < 0.3);
  const due = (now: number) => (random() < 0.5 ? new Date(now + (random() - 0.2) * 30 * DAY).toISOString() : null);
  const priority = () => pick(['LOW', 'NORMAL', 'HIGH', 'URGENT'] as const);
  const all: Told[] = [];
  for (let i = 0; all.length < count; i += 1) {
    let now = Date.parse(options.from) + Math.floor(random() * 365 * DAY);
    const ownerId = `user-${Math.floor(random() * options.users)}`;
    let task = newTask(`task-${options.seed}-${i}`, new Date(now).toISOString(), {
      ownerId,
      priority: priority(),
      tags: tags(),
      dueAt: due(now),
    });
    all.push(told('task.created', task));
    for (let more = Math.floor(random() * 6); more > 0; more -= 1) {
      now += Math.ceil(random() * random() * 20 * DAY);
      const isOpen = task.status === 'PENDING' || task.status === 'IN_PROGRESS';
      const updatedAt = new Date(now).toISOString();
      const next = { ...task, updatedAt, version: task.version + 1 };
      const kind = random();
      if (kind < 0.1) {
        all.push(told('task.deleted', next));
        break;
      } else if (kind < 0.5 && isOpen) {
        task = { ...next, status: 'COMPLETED', completedAt: updatedAt };
        all.push(told('task.completed', task));
        continue;
      } else if (kind < 0.6 && isOpen) task = { ...next, status: 'CANCELLED' };
      else if (kind < 0.7 && !isOpen) task = { ...next, status: 'PENDING', completedAt: null };
      else if (kind < 0.8) task = { ...next, tags: tags() };
      else task = { ...next, priority: priority(), dueAt: due(now) };
      all.push(told('task.updated', task));
    }
  }
  return all;
}

/** The same in another order. */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const random = randomOf(seed);
  const all = [...values];
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j] as T, all[i] as T];
  }
  return all;
}

/** In bulks of one topic each, as the sidecar delivers them. */
export function* bulksOf(all: readonly Told[], size: number): Generator<{ topic: TaskTopic; events: Told['event'][] }> {
  for (let i = 0; i < all.length; i += size)
    for (const [topic, some] of Map.groupBy(all.slice(i, i + size), (one) => one.topic))
      yield { topic, events: some.map(({ event }) => event) };
}
