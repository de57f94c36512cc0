import { mapExchange, type Exchange } from 'urql';
import { TaskCardFragmentDoc, type TaskCardFragment, type TaskChangedSubscription } from '../generated/operations.ts';

/** How many tasks are remembered, and of how many changes: what came first is forgotten first. */
const MAX_TASKS = 2000;
const MAX_CHANGES = 100;
/** What is asked for before a change and answered after it is answered within that time. */
const RECENT_MS = 30_000;

/** The newest that is known of each task: answers and events overtake one another, and what comes late must not win. */
export type Newest = {
  /** Puts it in the place of what is older in any result. It belongs below the cache. */
  exchange: Exchange;
  /** Whether an event says what is not known yet. What is not must not cover what the user has just done. */
  isNews(event: TaskChangedSubscription | null | undefined): boolean;
  /** Notes what became of a task: null once it is deleted. */
  note(id: string, task: TaskCardFragment | null): void;
  /** What was noted lately: answers to questions of before do not have it. */
  recent(): [id: string, task: TaskCardFragment | null][];
};

type Fields = Record<string, unknown>;
const [card] = TaskCardFragmentDoc.definitions;
const CARD = new Set(
  card?.kind === 'FragmentDefinition'
    ? card.selectionSet.selections.map((field) => (field.kind === 'Field' ? field.name.value : ''))
    : [],
);

export function createNewest(): Newest {
  const tasks = new Map<string, Fields>();
  const changes = new Map<string, { at: number; task: TaskCardFragment | null }>();

  const renewed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(renewed);
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, renewed(each)]));
    const { __typename, id, version } = fields;
    if (__typename !== 'Task' || typeof id !== 'string' || typeof version !== 'number') return fields;
    const known = tasks.get(id);
    if (known && (known['version'] as number) > version) return { ...fields, ...known };
    keep(tasks, MAX_TASKS, id, Object.fromEntries(Object.entries(fields).filter(([name]) => CARD.has(name))));
    return fields;
  };

  return {
    exchange: mapExchange({
      onResult: (result) => (result.data ? { ...result, data: renewed(result.data) } : result),
    }),
    isNews: (event) => {
      const task = event?.taskChanged?.task;
      const known = task && tasks.get(task.id);
      return !known || task.version > (known['version'] as number);
    },
    note: (id, task) => keep(changes, MAX_CHANGES, id, { at: Date.now(), task }),
    recent: () =>
      [...changes]
        .filter(([, { at }]) => Date.now() - at < RECENT_MS)
        .map(([id, { task }]): [string, TaskCardFragment | null] => [id, task]),
  };
}

function keep<T>(map: Map<string, T>, max: number, id: string, value: T): void {
  map.delete(id);
  map.set(id, value);
  const [first] = map.keys();
  if (map.size > max && first !== undefined) map.delete(first);
}
