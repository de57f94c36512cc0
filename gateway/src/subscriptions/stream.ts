import type { FormattedExecutionResult } from 'graphql';
import type { ResultStream } from '../operations/server.ts';

/** A queue of events for one subscriber, and the stream of results made of them. */
export type EventStream<E> = {
  push: (event: E) => void;
  end: () => void;
  /** Ends it because this replica stops. */
  breakOff: () => void;
  stream: ResultStream;
};

/**
 * Makes a stream: `resultOf` is called for one event after the other, as fast as the subscriber takes results. One that
 * falls more than `limit` events behind gets `overflow()` as its last result. `onEnd` is called once.
 * Not an async generator: those run their `finally` neither before the first `next` nor during one.
 */
export function createEventStream<E>(options: {
  limit: number;
  resultOf: (event: E) => Promise<FormattedExecutionResult>;
  overflow: () => FormattedExecutionResult;
  onEnd: () => void;
}): EventStream<E> {
  let queue: E[] = [];
  let last: FormattedExecutionResult | undefined;
  let ended = false;
  let brokenOff = false;
  let released = false;
  let wake: (() => void) | undefined;

  const release = (): void => {
    if (released) return;
    released = true;
    options.onEnd();
  };
  /** No more events; what `last` holds is still given out. */
  const end = (): void => {
    ended = true;
    queue = [];
    release();
    wake?.();
  };
  const finish = async (): Promise<IteratorResult<FormattedExecutionResult, void>> => {
    last = undefined;
    end();
    return { done: true, value: undefined };
  };

  const stream: ResultStream = {
    next: async () => {
      while (queue.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
      if (!ended) {
        const value = await options.resultOf(queue.shift() as E).catch((error: unknown) => {
          // Whoever takes results may never come back: nothing more is to be kept for it.
          end();
          throw error;
        });
        // It may have ended meanwhile, and then nobody wants the value.
        if (!ended) return { done: false, value };
      }
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
    cursor: () => undefined,
    isBrokenOff: () => brokenOff,
    [Symbol.asyncDispose]: async () => void (await finish()),
  };
  return {
    push: (event) => {
      if (ended) return;
      if (queue.length >= options.limit) {
        last = options.overflow();
        end();
        return;
      }
      queue.push(event);
      wake?.();
    },
    end,
    breakOff: () => {
      brokenOff = !ended;
      end();
    },
    stream,
  };
}
