import { readBlocks } from './event-stream.ts';
import { ready } from './ready.ts';
import type { User } from './user.ts';

/** Server-sent events as a browser takes them: what came, and the last `id`. */
export type EventSource = {
  results: any[];
  lastEventId: () => string;
  /** Resolves once there are that many results, or the stream is over. */
  take: (count: number) => Promise<any[]>;
  close: () => void;
};

/** Opens a stream, from where another broke off where its `lastEventId` is given. */
export async function openEventSource(user: User, query: string, lastEventId?: string): Promise<EventSource> {
  const ending = new AbortController();
  const response = await fetch(`${ready().urls.graphql}?${new URLSearchParams({ query })}`, {
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${user.token}`,
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
    signal: AbortSignal.any([ending.signal, AbortSignal.timeout(60_000)]),
  });
  const blocks = readBlocks(response.body as ReadableStream<Uint8Array>);
  const results: any[] = [];
  let id = lastEventId ?? '';
  let isOver = false;
  const read = async (): Promise<void> => {
    const { done, value } = await blocks.next();
    id = value?.id ?? id;
    if (value?.event === 'next') results.push(JSON.parse(value.data ?? ''));
    isOver ||= done === true || value?.event === 'complete';
  };
  // The first block says that the subscription is there, and where it stands.
  await read();
  return {
    results,
    lastEventId: () => id,
    take: async (count) => {
      while (results.length < count && !isOver) await read();
      return results;
    },
    close: () => ending.abort(),
  };
}
