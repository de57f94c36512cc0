import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { GatewayContext } from '../context.ts';
import type { CloudEvent } from './event.ts';

const RECENT_EVENTS = 10_000;

/** Someone whom events of some topics may concern. */
type Subscriber = {
  topics: readonly string[];
  /** Throws where that cannot be told. */
  accepts: (event: CloudEvent) => boolean;
  deliver: (event: CloudEvent) => void;
  /** The gateway stops. */
  end: () => void;
};

/** Hands each event to the subscribers that it is for. */
export type Hub = {
  /** Returns what ends the subscription. Throws a GraphQLError where this process has its fill or stops. */
  subscribe: (subscriber: Subscriber) => () => void;
  /** An event that came before is dropped: Dapr delivers at least once. */
  publish: (topic: string, event: CloudEvent) => void;
  stop: () => void;
};

export function createHub({ config, logger, metrics }: GatewayContext): Hub {
  const byTopic = new Map<string, Set<Subscriber>>();
  const subscribers = new Set<Subscriber>();
  const recent = new LRUCache<string, true>({ max: RECENT_EVENTS });
  let stopped = false;

  const accepts = (subscriber: Subscriber, topic: string, event: CloudEvent): boolean => {
    try {
      return subscriber.accepts(event);
    } catch (error) {
      metrics.eventsDropped.inc({ reason: 'filter_failed' });
      logger.debug({ topic, event: event.id, reason: (error as Error).message }, 'a filter failed: event withheld');
      return false;
    }
  };

  return {
    subscribe: (subscriber) => {
      if (stopped) throw refused('this replica is stopping: connect again', 'SUBSCRIPTIONS_UNAVAILABLE');
      if (subscribers.size >= config.MAX_SUBSCRIPTIONS)
        throw refused('this replica has all the subscriptions that it can hold', 'TOO_MANY_SUBSCRIPTIONS');
      subscribers.add(subscriber);
      for (const topic of subscriber.topics) {
        const group = byTopic.get(topic) ?? new Set();
        byTopic.set(topic, group.add(subscriber));
      }
      metrics.subscribers.set(subscribers.size);
      return () => {
        subscribers.delete(subscriber);
        for (const topic of subscriber.topics) {
          const group = byTopic.get(topic);
          group?.delete(subscriber);
          if (group?.size === 0) byTopic.delete(topic);
        }
        metrics.subscribers.set(subscribers.size);
      };
    },
    publish: (topic, event) => {
      const identity = `${topic} ${event.source} ${event.id}`;
      if (recent.has(identity)) {
        metrics.eventsDropped.inc({ reason: 'duplicate' });
        return;
      }
      recent.set(identity, true);
      for (const subscriber of byTopic.get(topic) ?? []) {
        if (!accepts(subscriber, topic, event)) continue;
        metrics.eventsDelivered.inc({ topic });
        subscriber.deliver(event);
      }
    },
    stop: () => {
      stopped = true;
      for (const subscriber of subscribers) subscriber.end();
    },
  };
}

function refused(message: string, code: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 503 } } });
}
