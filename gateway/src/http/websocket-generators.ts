import type { FormattedExecutionResult } from 'graphql';
import type { ResultStream } from '../operations/server.ts';

/** Stands for an operation that has no stream (yet). */
export function abortable(controller: AbortController): AsyncGenerator<never, void, void> {
  const finish = async (): Promise<IteratorResult<never, void>> => {
    controller.abort();
    return { done: true, value: undefined };
  };
  const generator: AsyncGenerator<never, void, void> = {
    next: finish,
    return: finish,
    throw: finish,
    [Symbol.asyncIterator]: () => generator,
    [Symbol.asyncDispose]: async () => void (await finish()),
  };
  return generator;
}

/** What this replica breaks off goes on elsewhere: `complete` would end it, where the connection's end has clients come again. */
export function untilClosed(stream: ResultStream): ResultStream {
  const { promise, resolve } = Promise.withResolvers<IteratorResult<FormattedExecutionResult, void>>();
  const waiting: ResultStream = {
    ...stream,
    next: async () => {
      const result = await stream.next();
      return result.done && stream.isBrokenOff() ? promise : result;
    },
    return: () => {
      resolve({ done: true, value: undefined });
      return stream.return();
    },
    [Symbol.asyncIterator]: () => waiting,
  };
  return waiting;
}
