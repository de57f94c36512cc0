/** What subscribers should have got, and got. */
export type Counts = {
  expected: number;
  received: number;
  duplicated: number;
  /** Expected for longer than the grace time, and not there. */
  missed: number;
  /** Expected, and perhaps still on the way. */
  pending: number;
  /** Events of mutations that never said that they succeeded. */
  unexplained: number;
};

/** Keeps who got which event; an event is for all subscribers of its user. */
export type Ledger = {
  /** Whether it is the first time that this subscriber of the user gets the event. */
  receive: (event: string, user: number, subscriber: number) => boolean;
  /** The event is to come, or came already. */
  expect: (event: string, user: number) => void;
  counts: (graceMs: number) => Counts;
  /** What is expected and not there, by subscriber. */
  lacking: () => { event: string; user: number; subscriber: number }[];
};

type Entry = { event: string; user: number; times: Uint8Array; missing: number; expectedAt: number | undefined };

/** `subscribers[user]` is how many a user has; each is known by its number among them. A byte each an event is kept. */
export function createLedger(subscribers: number[], now: () => number = Date.now): Ledger {
  const entries = new Map<string, Entry>();
  const open = new Set<Entry>();
  const totals = { expected: 0, received: 0, duplicated: 0 };

  const entryOf = (event: string, user: number): Entry => {
    const known = entries.get(event);
    if (known) return known;
    const count = subscribers[user] ?? 0;
    const entry: Entry = { event, user, times: new Uint8Array(count), missing: count, expectedAt: undefined };
    entries.set(event, entry);
    open.add(entry);
    return entry;
  };
  const closeWhenComplete = (entry: Entry): void => {
    if (entry.missing === 0 && entry.expectedAt !== undefined) open.delete(entry);
  };

  return {
    receive: (event, user, subscriber) => {
      const entry = entryOf(event, user);
      const times = (entry.times[subscriber] ?? 0) + 1;
      entry.times[subscriber] = Math.min(times, 255);
      if (times > 1) {
        totals.duplicated += 1;
        return false;
      }
      totals.received += 1;
      entry.missing -= 1;
      closeWhenComplete(entry);
      return true;
    },
    expect: (event, user) => {
      const entry = entryOf(event, user);
      entry.expectedAt = now();
      totals.expected += entry.times.length;
      closeWhenComplete(entry);
    },
    counts: (graceMs) => {
      const counts: Counts = { ...totals, missed: 0, pending: 0, unexplained: 0 };
      for (const { missing, expectedAt } of open) {
        if (expectedAt === undefined) counts.unexplained += 1;
        else if (now() - expectedAt > graceMs) counts.missed += missing;
        else counts.pending += missing;
      }
      return counts;
    },
    lacking: () =>
      [...open]
        .filter(({ expectedAt }) => expectedAt !== undefined)
        .flatMap(({ event, user, times }) =>
          [...times.keys()].filter((i) => times[i] === 0).map((subscriber) => ({ event, user, subscriber })),
        ),
  };
}
