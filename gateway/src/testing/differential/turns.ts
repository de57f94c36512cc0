import type { Answer } from './subgraphs.ts';

/**
 * Gives answers one at a time, each in a turn of its own, and in an order that follows from the queries alone: whoever asks
 * for the same gets it in the same order, whatever else is different.
 */
export function inTurn(answer: Answer): Answer {
  const waiting: { order: string; release: () => void }[] = [];
  let isDue = false;
  const next = (): void => {
    isDue = waiting.length > 1;
    waiting.sort((a, b) => (a.order < b.order ? -1 : 1));
    waiting.shift()?.release();
    if (isDue) setImmediate(next);
  };
  return async (subgraph, request) => {
    const made = await answer(subgraph, request).then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error;
      },
    );
    await new Promise<void>((release) => {
      waiting.push({ order: `${request.query} ${subgraph}`, release });
      if (!isDue) setImmediate(next);
      isDue = true;
    });
    return made();
  };
}
