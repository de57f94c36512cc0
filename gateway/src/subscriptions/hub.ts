import type { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { GatewayContext } from '../context.ts';
import { refusal } from '../refusal.ts';
import { createAudience, type Interest } from './audience.ts';
import { decodeCursor, encodeCursor, type Positions } from './cursor.ts';
import type { CloudEvent } from './event.ts';
import { createEventLog, type Delivery } from './log.ts';

const RECENT_EVENTS = 10_000;
/** How many records a subscriber that catches up looks at before others have their turn, at most. */
const SLICE = 256;

/** Why the hub ends a stream: this replica stops, or there is nothing to be had but with a gap. */
type EndReason = 'stopping' | 'EVENTS_LOST' | 'CURSOR_TOO_OLD';

/** Someone whom events of some topics may concern. */
type Subscriber = {
  topics: readonly string[];
  /** What can concern it, of these topics; `Subscription.changed` says that it is another. */
  interest: () => Interest;
  accepts: (event: CloudEvent) => boolean;
  /** `cursor` is where the stream stands after the event. */
  deliver: (event: CloudEvent, cursor: string) => void;
  end: (reason: EndReason) => void;
};

/** A subscriber's place in the hub. */
export type Subscription = {
  /** Where the stream stands once all that was delivered has been handed out. */
  cursor: () => string;
  /** Whether events that it missed are still to come before new ones. */
  isBehind: () => boolean;
  /** Delivers what a few of those records hold. */
  catchUp: () => void;
  /** The subscriber's interest is another from now on. */
  changed: () => void;
  close: () => void;
};

/** Hands each event to the subscribers that it is for. */
export type Hub = {
  /**
   * Opens a place; `from` is the position to go on from, as `locate` found it. Throws a GraphQLError where this process has
   * its fill or stops.
   */
  subscribe: (subscriber: Subscriber, from?: Positions) => Subscription;
  /**
   * Finds a cursor's positions, waiting for a replica that is behind the one which gave it.
   * Rejects with a GraphQLError: BAD_USER_INPUT for none of this stream, CURSOR_TOO_OLD where events would be missed.
   */
  locate: (topics: readonly string[], cursor: unknown, signal: AbortSignal) => Promise<Positions>;
  /** Takes what the broker has, once: Dapr delivers at least once. Markers, and what is no event, only move positions. */
  take: (delivery: Delivery, isMarker: boolean) => void;
  stop: () => void;
};

export function createHub({ config, logger, metrics }: GatewayContext): Hub {
  const log = createEventLog(config.EVENT_WINDOW_SIZE, config.EVENT_WINDOW_BYTES, config.TOPIC_PARTITIONS ?? 1);
  const audience = createAudience<Subscriber>();
  /** All of them, with what takes those away that are in the audience. */
  const subscribers = new Map<Subscriber, (() => void) | undefined>();
  const waiting = new Set<() => void>();
  const recent = new LRUCache<string, true>({ max: RECENT_EVENTS });
  /** Cursors of the moment, by topics: subscribers of the same topics share them. */
  let cursors = new Map<string, string>();
  let stopped = false;

  const cursorOf = (topics: readonly string[]): string => {
    const key = topics.join(' ');
    const known = cursors.get(key);
    if (known !== undefined) return known;
    const cursor = encodeCursor(topics, log.positionsOf(topics));
    cursors.set(key, cursor);
    return cursor;
  };

  const goLive = (subscriber: Subscriber): void => {
    subscribers.set(subscriber, audience.add(subscriber, subscriber.interest()));
  };
  const withhold = (topic: string, { id }: CloudEvent, count: number, error: unknown): void => {
    metrics.eventsDropped.inc({ reason: 'filter_failed' }, count);
    logger.debug({ topic, event: id, reason: (error as Error).message }, 'event withheld');
  };

  const canGoOn = (topics: readonly string[], from: Positions): boolean =>
    topics.every((topic) => from.get(topic)?.every((at, i) => at !== undefined && log.holds(topic, i, at)));

  const reached = (from: Positions, signal: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const finish = (isThere: boolean): void => {
        clearTimeout(timer);
        waiting.delete(look);
        signal.removeEventListener('abort', giveUp);
        resolve(isThere);
      };
      const giveUp = (): void => finish(false);
      const look = (): void => {
        for (const [topic, positions] of from)
          if (!positions.every((at, i) => at !== undefined && log.hasReached(topic, i, at.offset))) return;
        finish(true);
      };
      const timer = setTimeout(giveUp, config.RESUME_WAIT_MS);
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.add(look);
      look();
    });

  /** What a subscriber that goes on from a cursor still has to look at. */
  const replay = (subscriber: Subscriber, from: Positions) => {
    const positions: Positions = new Map([...from].map(([topic, known]) => [topic, [...known]]));
    let sequence = log.start();
    let isBehind = true;
    let cursor = encodeCursor(subscriber.topics, positions);
    const catchUp = (): void => {
      // What is gone from the log may have been for this subscriber.
      if (!isBehind) return;
      if (sequence < log.start() && !canGoOn(subscriber.topics, positions)) return subscriber.end('CURSOR_TOO_OLD');
      sequence = Math.max(sequence, log.start());
      // No more than it may have waiting.
      const until = Math.min(sequence + Math.min(SLICE, config.MAX_QUEUED_EVENTS), log.end());
      for (; sequence < until; sequence++) {
        const record = log.at(sequence);
        if (!record) continue;
        const ofTopic = positions.get(record.topic);
        const at = ofTopic?.[record.partition];
        if (!ofTopic || !at || record.offset < at.offset) continue;
        ofTopic[record.partition] = { offset: record.offset + 1, mark: record.mark };
        if (!record.isForSubscribers || !subscriber.accepts(record.event)) continue;
        cursor = encodeCursor(subscriber.topics, positions);
        metrics.eventsDelivered.inc({ topic: record.topic });
        subscriber.deliver(record.event, cursor);
      }
      if (sequence < log.end() || !subscribers.has(subscriber)) return;
      isBehind = false;
      goLive(subscriber);
    };
    return { isBehind: () => isBehind, cursor: () => (isBehind ? cursor : cursorOf(subscriber.topics)), catchUp };
  };

  return {
    locate: async (topics, cursor, signal) => {
      const from = decodeCursor(topics, cursor);
      if (!from) throw notACursor();
      const isKnown = [...from.values()].every((positions) => positions.every((at) => at !== undefined));
      if (!isKnown || !(await reached(from, signal)) || !canGoOn(topics, from)) throw tooOld();
      return from;
    },
    subscribe: (subscriber, from) => {
      if (stopped) throw refusal('SUBSCRIPTIONS_UNAVAILABLE', 'this replica is stopping: connect again', 503);
      if (subscribers.size >= config.MAX_SUBSCRIPTIONS) {
        metrics.limitsHit.inc({ limit: 'subscriptions' });
        throw refusal('TOO_MANY_SUBSCRIPTIONS', 'this replica has all the subscriptions that it can hold', 503);
      }
      subscribers.set(subscriber, undefined);
      const behind = from && replay(subscriber, from);
      if (!behind) goLive(subscriber);
      return {
        cursor: behind ? behind.cursor : () => cursorOf(subscriber.topics),
        isBehind: () => behind?.isBehind() ?? false,
        catchUp: () => behind?.catchUp(),
        changed: () => {
          const leave = subscribers.get(subscriber);
          if (!leave) return;
          leave();
          goLive(subscriber);
        },
        close: () => {
          subscribers.get(subscriber)?.();
          subscribers.delete(subscriber);
        },
      };
    },
    take: (delivery, isMarker) => {
      const { topic, partition, offset, event } = delivery;
      const identity = `${topic} ${event.source} ${event.id}`;
      const isRepeated = !isMarker && recent.has(identity);
      const record = { ...delivery, isForSubscribers: !isMarker && !isRepeated };
      const taken = log.take(record);
      if (taken === 'seen' || isRepeated) metrics.eventsDropped.inc({ reason: 'duplicate' });
      if (taken === 'seen') return;
      cursors = new Map();
      if (!isMarker) recent.set(identity, true);
      if (taken !== 'taken') {
        metrics.eventsLost.inc({ topic });
        logger.error({ topic, partition, offset, taken }, 'events never came: streams of the topic end');
        for (const subscriber of subscribers.keys())
          if (subscriber.topics.includes(topic)) subscriber.end('EVENTS_LOST');
      }
      if (record.isForSubscribers) {
        const lag = Date.now() - delivery.timestamp;
        metrics.eventLag.observe({ kind: 'event' }, Math.max(0, lag) / 1000);
        const listeners = audience.of(topic, event, (count, error) => withhold(topic, event, count, error));
        for (const subscriber of listeners.flatMap((some) => [...some])) {
          if (!subscriber.accepts(event)) continue;
          metrics.eventsDelivered.inc({ topic });
          subscriber.deliver(event, cursorOf(subscriber.topics));
        }
      }
      for (const look of waiting) look();
    },
    stop: () => {
      stopped = true;
      for (const subscriber of subscribers.keys()) subscriber.end('stopping');
    },
  };
}

function notACursor(): GraphQLError {
  const message = 'extensions.cursor is not a cursor of this subscription: leave it out, or send the last one';
  return refusal('BAD_USER_INPUT', message);
}

function tooOld(): GraphQLError {
  return refusal('CURSOR_TOO_OLD', 'the cursor is too old: read the current state, and subscribe without it', 410);
}
