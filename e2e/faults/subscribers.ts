import { createLedger } from '../soak/ledger.ts';
import { follow, type Result } from '../stack/follower.ts';
import type { Change } from './load.ts';

/** Every fourth also asks a subgraph, whose answer may be missing. */
const QUERIES = ['type version task { id }', 'type version task { id } now: task { title }'].map(
  (fields) => `subscription { taskChanged { ${fields} } }`,
);
const PATIENT = 2000;
const RETRY_MS = 500;

/** The newest version of each of a user's tasks. */
export type Known = Map<string, number>;

/** What the subscribers got. */
export type Heard = {
  expected: number;
  received: number;
  doubled: number;
  missed: number;
  /** How often one was told that what it missed cannot be told, by the code, and read everything again. */
  readAgain: Record<string, number>;
  /** Events of one topic that came in another order than the task's changes. */
  disordered: number;
  reconnects: number;
  failures: string[];
};

export type Subscribers = {
  /** Every subscriber of the user is to get this. */
  expect: (change: Change) => void;
  heard: () => Heard;
  /** Whether one of the user's subscribers still lacks it. */
  lacks: (change: Change) => boolean;
  stop: () => Promise<void>;
};

type Version = { id: string; version: number; type: string };
type Subscriber = {
  /** What it read again, which includes the events up to there. */
  known: Known;
  /** What comes while it is to read again. */
  held: Version[] | undefined;
  last: Map<string, number>;
  opened: number;
};

const keyOf = ({ id, version }: { id: string; version: number }): string => `${id} ${version}`;

/**
 * Starts `count` of them, users taking turns, over WebSocket and SSE; each connects again with its cursor whenever its
 * connection ends. One that is told that its cursor is too old subscribes without it, and then reads the current state.
 */
export function startSubscribers(options: {
  count: number;
  users: number;
  url: () => string;
  token: (user: number) => Promise<string>;
  /** Reads a user's tasks, until it succeeds. */
  read: (user: number) => Promise<Known>;
}): Subscribers {
  const { count, users, read } = options;
  const numberOf = (user: number): number => Math.floor((count + users - 1 - user) / users);
  const ledger = createLedger(Array.from({ length: users }, (_, user) => numberOf(user)));
  const subscribers: Subscriber[][] = Array.from({ length: users }, () => []);
  const heard = { readAgain: {} as Record<string, number>, disordered: 0, failures: [] as string[] };

  const take = (subscriber: Subscriber, user: number, number: number, event: Version): void => {
    if (subscriber.held) return void subscriber.held.push(event);
    if ((subscriber.known.get(event.id) ?? 0) >= event.version) return;
    const topic = `${event.type} ${event.id}`;
    if (event.version < (subscriber.last.get(topic) ?? 0)) heard.disordered += 1;
    subscriber.last.set(topic, event.version);
    ledger.receive(keyOf(event), user, number);
  };
  const onResult = ({ data, errors = [] }: Result, then: (event: Version) => void): void => {
    // What a subgraph did not say is missing, and the event is there all the same.
    for (const { message, extensions } of errors)
      if (extensions?.code === undefined) heard.failures.push(`an error of an event has no code: ${message}`);
    const { type, version, task } = data.taskChanged;
    then({ id: task.id, version, type });
  };
  const readAgain = async (subscriber: Subscriber, user: number, number: number): Promise<void> => {
    const known = await read(user);
    const held = subscriber.held ?? [];
    Object.assign(subscriber, { known, held: undefined, last: new Map() });
    for (const event of held) take(subscriber, user, number, event);
  };
  const followers = Array.from({ length: count }, (_, i) => {
    const [user, number] = [i % users, Math.floor(i / users)];
    const subscriber: Subscriber = { known: new Map(), held: undefined, last: new Map(), opened: 0 };
    subscribers[user]?.push(subscriber);
    return follow({
      transport: number % 2 === 0 ? 'ws' : 'sse',
      url: options.url,
      token: () => options.token(user),
      query: QUERIES[number % 4 === 3 ? 1 : 0] as string,
      attempts: PATIENT,
      retryMs: RETRY_MS,
      onOpen: () => (subscriber.opened += 1),
      onResult: (result) => onResult(result, (event) => take(subscriber, user, number, event)),
      onMissed: ({ message }) => {
        const code = message.split(':', 1)[0] as string;
        heard.readAgain[code] = (heard.readAgain[code] ?? 0) + 1;
        subscriber.held ??= [];
      },
      onPlace: () => {
        if (!subscriber.held) return;
        readAgain(subscriber, user, number).catch((error: unknown) => heard.failures.push(String(error)));
      },
      onFailure: ({ message }) => heard.failures.push(`a subscription ended: ${message}`),
    });
  });
  const lacking = () =>
    ledger.lacking().filter(({ event, user, subscriber }) => {
      const [id = '', version] = event.split(' ');
      return (subscribers[user]?.[subscriber]?.known.get(id) ?? 0) < Number(version);
    });

  return {
    expect: (change) => ledger.expect(keyOf(change), change.user),
    lacks: (change) => lacking().some(({ event }) => event === keyOf(change)),
    heard: () => {
      const { expected, received, duplicated } = ledger.counts(0);
      const opened = subscribers.flat().reduce((sum, one) => sum + Math.max(0, one.opened - 1), 0);
      return { expected, received, doubled: duplicated, missed: lacking().length, reconnects: opened, ...heard };
    },
    stop: async () => {
      await Promise.all(followers.map((follower) => follower.stop()));
    },
  };
}
