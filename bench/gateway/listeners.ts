// Subscribes over many WebSockets, each a user's of its own, and tells the one that started it when each has an event.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

/** `tokens`: one for each subscriber. */
export type ToListeners = { url: string; query: string; tokens: string[] };
/** How many have their connection, or, of an event that all have: when each got it, in milliseconds since 1970. */
export type FromListeners = { connected: number } | { event: string; times: number[] } | { failure: string };

/** Connections that are being made at once. */
const AT_ONCE = 20;

const tell = (message: FromListeners): void => void process.send?.(message);
const now = (): number => performance.timeOrigin + performance.now();

process.on('message', ({ url, query, tokens }: ToListeners) => {
  const got = new Map<string, number[]>();
  const receive = (id: string): void => {
    const times = got.get(id) ?? [];
    got.set(id, times);
    if (times.push(now()) === tokens.length) tell({ event: id, times });
  };
  let next = 0;
  let connected = 0;
  const connect = (): void => {
    const token = tokens[next++];
    if (token === undefined) return;
    createClient({
      url,
      webSocketImpl: WebSocket,
      lazy: false,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
      onNonLazyError: (error) => tell({ failure: String((error as CloseEvent).reason ?? error) }),
      on: {
        connected: () => {
          connected++;
          tell({ connected });
          connect();
        },
      },
    }).subscribe<{ noted: { id: string } }>(
      { query },
      {
        next: ({ data, errors }) =>
          data && !errors ? receive(data.noted.id) : tell({ failure: JSON.stringify(errors) }),
        error: (error) => tell({ failure: JSON.stringify(error) }),
        complete: () => tell({ failure: 'a subscription was completed' }),
      },
    );
  };
  for (let i = 0; i < AT_ONCE; i++) connect();
});
process.on('disconnect', () => process.exit());
