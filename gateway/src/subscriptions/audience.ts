import type { CloudEvent } from './event.ts';
import type { FilterIndex, IndexKey } from './filter-index.ts';

/** What can concern a listener at all: events of its topics and, where its filter has an index, of its own key. */
export type Interest = { topics: readonly string[]; index: FilterIndex | undefined; key: IndexKey | undefined };

/** Listeners whose filters have one index, by key. */
type Group<L> = { size: number; byKey: Map<IndexKey | undefined, Set<L>> };

/** Everyone who listens, so that an event is held against the filters of those whom it can concern, and no others. */
export type Audience<L> = {
  /** Returns what takes the listener away again. */
  add: (listener: L, interest: Interest) => () => void;
  /** Whom an event can concern. `fail` is told of how many that cannot be told, and why: it is not for them. */
  of: (topic: string, event: CloudEvent, fail: (count: number, error: unknown) => void) => Set<L>[];
};

export function createAudience<L>(): Audience<L> {
  const topics = new Map<string, Map<FilterIndex | undefined, Group<L>>>();

  const join = (listener: L, topic: string, { index, key }: Interest): void => {
    let groups = topics.get(topic);
    if (!groups) topics.set(topic, (groups = new Map()));
    let group = groups.get(index);
    if (!group) groups.set(index, (group = { size: 0, byKey: new Map() }));
    let members = group.byKey.get(key);
    if (!members) group.byKey.set(key, (members = new Set()));
    members.add(listener);
    group.size += 1;
  };
  const leave = (listener: L, topic: string, { index, key }: Interest): void => {
    const groups = topics.get(topic);
    const group = groups?.get(index);
    const members = group?.byKey.get(key);
    if (!groups || !group || !members?.delete(listener)) return;
    group.size -= 1;
    if (members.size === 0) group.byKey.delete(key);
    if (group.size === 0) groups.delete(index);
    if (groups.size === 0) topics.delete(topic);
  };

  return {
    add: (listener, interest) => {
      for (const topic of interest.topics) join(listener, topic, interest);
      return () => {
        for (const topic of interest.topics) leave(listener, topic, interest);
      };
    },
    of: (topic, event, fail) =>
      [...(topics.get(topic) ?? [])].flatMap(([index, { size, byKey }]) => {
        try {
          return byKey.get(index?.keyOfEvent(event)) ?? [];
        } catch (error) {
          fail(size, error);
          return [];
        }
      }),
  };
}
