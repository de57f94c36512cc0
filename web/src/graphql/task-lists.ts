import type { Cache } from '@urql/exchange-graphcache';
import type { TaskCardFragment, TaskFilter } from '../generated/operations.ts';

/**
 * Puts a task into the lists whose filter it passes, and takes it out of all others. It goes by what the answer says: what
 * the cache has may be a change that nobody has confirmed.
 */
export function showTask(cache: Cache, task: TaskCardFragment): void {
  const { id } = task;
  eachList(cache, (filter, isFirstPage, nodes) => {
    const others = nodes.filter((key) => key !== keyOf(id));
    if (!passes(task, filter)) return others;
    return nodes.includes(keyOf(id)) || !isFirstPage ? nodes : [keyOf(id), ...nodes];
  });
}

/** Takes a task out of all lists. */
export function removeTask(cache: Cache, id: string): void {
  eachList(cache, (_filter, _isFirstPage, nodes) => nodes.filter((key) => key !== keyOf(id)));
  cache.invalidate({ __typename: 'Task', id });
}

const keyOf = (id: string): string => `Task:${id}`;

function eachList(cache: Cache, change: (filter: TaskFilter, isFirstPage: boolean, nodes: string[]) => string[]): void {
  for (const { fieldName, fieldKey, arguments: args } of cache.inspectFields('Query')) {
    if (fieldName !== 'tasks') continue;
    const list = cache.resolve('Query', fieldKey) as string | null;
    const nodes = list && (cache.resolve(list, 'nodes') as string[] | null);
    if (!list || !nodes) continue;
    const changed = change((args?.['filter'] ?? {}) as TaskFilter, !args?.['after'], nodes);
    if (changed !== nodes) cache.link(list, 'nodes', changed);
  }
}

/** What the service's own filter does, for a task that the page knows. */
function passes(task: TaskCardFragment, filter: TaskFilter, now = Date.now()): boolean {
  const { status, priority, tags, dueFrom, dueBefore, overdue, search } = filter;
  const due = task.dueAt ? Date.parse(task.dueAt) : undefined;
  const isOpen = task.status === 'PENDING' || task.status === 'IN_PROGRESS';
  return (
    (!status || status.includes(task.status)) &&
    (!priority || priority.includes(task.priority)) &&
    (!tags || tags.every((tag) => task.tags.includes(tag.toLowerCase()))) &&
    (!dueFrom || (due !== undefined && due >= Date.parse(dueFrom))) &&
    (!dueBefore || (due !== undefined && due < Date.parse(dueBefore))) &&
    (overdue === undefined || overdue === null || overdue === (isOpen && due !== undefined && due < now)) &&
    (!search || hasWords(task, search))
  );
}

function hasWords({ title, description, tags, checklist }: TaskCardFragment, search: string): boolean {
  const text = [title, description ?? '', ...tags, ...checklist.map((item) => item.text)].join(' ');
  const words = wordsOf(text);
  return wordsOf(search).every((wanted) => words.some((word) => word.startsWith(wanted)));
}

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
