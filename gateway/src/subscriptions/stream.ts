import type { FormattedExecutionResult } from 'graphql';
import type { ResultStream, StreamEnd } from '../operations/server.ts';
import type { LastResult } from './last-results.ts';

/** A queue of events for one subscriber, and the stream of results made of them. */
export type EventStream<E> = {
  /** Says where events come from; called once, before anything else. */
  begin: (from: Source) => void;
  /** `cursor` is where the stream stands after the event. */
  push: (event: E, cursor: string) => void;
  end: () => void;
  /** Ends it with a result that says why. */
  endWith: (last: LastResult) => void;
  /** Ends it because this replica stops. */
  breakOff: () => void;
  stream: Omit<ResultStream, 'refresh'>;
};

/** Where events come from: what was missed is asked for as results are taken, new ones are pushed. */
type Source = { cursor: () => string; isBehind: () => boolean; catchUp: () => void };

/**
 * Makes a stream: `resultOf` is called for one event after the other, as fast as the subscriber takes results, each of
 * which says its cursor; an event of which it makes undefined is passed over. One that falls more than `limit` events behind
 * gets `overflow` as its last result, with the cursor of the one before. `onEnd` is called once.
 * Not an async generator: those run their `finally` neither before the first `next` nor during one.
 */
export function createEventStream<E>(options: {
  limit: number;
  resultOf: (event: E) => Promise<FormattedExecutionResult | undefined>;
  overflow: LastResult;
  onEnd: () => void;
}): EventStream<E> {
  let queue: { event: E; cursor: string }[] = [];
  let source: Source | undefined;
  let handedOut: string | undefined;
  let isWorking = false;
  let last: FormattedExecutionResult | undefined;
  let ended = false;
  let brokenOff = false;
  let events = 0;
  let released = false;
  const over = Promise.withResolvers<StreamEnd>();
  let wake: (() => void) | undefined;

  const release = (reason: string): void => {
    if (released) return;
    released = true;
    over.resolve({ events, reason });
    options.onEnd();
  };
  /** No more events; what `last` holds is still given out. */
  const end = (reason: string): void => {
    ended = true;
    queue = [];
    release(reason);
    wake?.();
  };
  const endWith = (result: LastResult): void => {
    if (ended) return;
    handedOut = cursor();
    last = result(handedOut);
    end(String(last.errors?.[0]?.extensions?.['code'] ?? 'failed').toLowerCase());
  };
  const cut = (reason: string): void => {
    last = undefined;
    end(reason);
  };
  const finish = async (): Promise<IteratorResult<FormattedExecutionResult, void>> => {
    cut('completed');
    return { done: true, value: undefined };
  };

  const cursor = (): string | undefined => (ended || isWorking || queue.length > 0 ? handedOut : source?.cursor());

  /** Resolves when there is an event, or none is to come. */
  const arrival = async (): Promise<void> => {
    while (queue.length === 0 && !ended) {
      if (!source?.isBehind()) await new Promise<void>((resolve) => (wake = resolve));
      else {
        source.catchUp();
        // Many may have to catch up at once: each takes its turn.
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
  };

  const take = async (): Promise<FormattedExecutionResult | undefined> => {
    await arrival();
    const next = queue.shift();
    if (!next) return undefined;
    isWorking = true;
    try {
      const result = await options.resultOf(next.event);
      // It may have ended meanwhile, and then nobody wants the value.
      if (ended) return undefined;
      handedOut = next.cursor;
      if (result) events += 1;
      return result && { ...result, extensions: { ...result.extensions, cursor: next.cursor } };
    } catch (error) {
      // That it ended is why: nobody wants the value.
      if (ended) return undefined;
      // Whoever takes results may never come back: nothing more is to be kept for it.
      end('failed');
      throw error;
    } finally {
      isWorking = false;
    }
  };

  const stream: EventStream<E>['stream'] = {
    next: async () => {
      let result: FormattedExecutionResult | undefined;
      while (!result && !ended) result = await take();
      if (result) return { done: false, value: result };
      if (!last) return { done: true, value: undefined };
      const value = last;
      last = undefined;
      return { done: false, value };
    },
    return: finish,
    throw: async (error: unknown) => {
      await finish();
      throw error;
    },
    [Symbol.asyncIterator]: () => stream,
    cursor,
    isBrokenOff: () => brokenOff,
    cut,
    ended: over.promise,
    [Symbol.asyncDispose]: async () => void (await finish()),
  };
  return {
    begin: (from) => {
      source = from;
      handedOut = from.cursor();
    },
    push: (event, after) => {
      if (ended) return;
      if (queue.length >= options.limit) return endWith(options.overflow);
      queue.push({ event, cursor: after });
      wake?.();
    },
    end: () => end('disconnected'),
    endWith,
    breakOff: () => {
      brokenOff = !ended;
      handedOut = cursor();
      end('stopping');
    },
    stream,
  };
}
