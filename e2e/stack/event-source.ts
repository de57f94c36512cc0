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
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  const results: any[] = [];
  let text = '';
  let id = lastEventId ?? '';
  let isOver = false;
  const read = async (): Promise<void> => {
    const { done, value } = await reader.read();
    isOver ||= done;
    text += value ?? '';
    const blocks = text.split('\n\n');
    text = blocks.pop() as string;
    for (const block of blocks) {
      const lines = block.split('\n').map((line) => [line.split(':')[0], line.slice(line.indexOf(':') + 2)]);
      const fields = Object.fromEntries(lines) as Record<string, string>;
      id = fields['id'] ?? id;
      if (fields['event'] === 'next') results.push(JSON.parse(fields['data'] as string));
      isOver ||= fields['event'] === 'complete';
    }
  };
  // The first bytes say that the subscription is there, and where it stands.
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
