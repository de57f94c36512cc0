import { randomUUID } from 'node:crypto';
import { createEvent } from '@todo/service/events';

const topics = ['task.created', 'task.updated', 'task.completed'] as const;

/** An event, its topic and its key, as the outbox has them. */
export type Publication = { topic: (typeof topics)[number]; key: string; event: { id: string } };

/** So many events of a task service at work: each task is created, changed and completed, many tasks side by side. */
export function traffic(count: number, ownerId: string): Publication[] {
  const tasks = Math.ceil(count / topics.length);
  const at = new Date().toISOString();
  const ids = Array.from({ length: tasks }, () => randomUUID());
  return topics
    .flatMap((topic, i) =>
      ids.map((id): Publication => {
        const isDone = topic === 'task.completed';
        const data = {
          id,
          ownerId,
          title: 'Call about the garden',
          description: 'Whether it can wait until the spring',
          status: isDone ? ('COMPLETED' as const) : ('PENDING' as const),
          priority: 'NORMAL' as const,
          tags: ['home', 'calls'],
          dueAt: null,
          dueTimeZone: null,
          checklist: [],
          createdAt: at,
          updatedAt: at,
          completedAt: isDone ? at : null,
          version: i + 1,
        };
        return { topic, key: id, event: createEvent(topic, { source: 'task-service', subject: id, time: at, data }) };
      }),
    )
    .map((publication, i) => ({ publication, place: (i * 7919) % 1000 }))
    .sort((a, b) => a.place - b.place)
    .map(({ publication }) => publication)
    .slice(0, count);
}
