// Subscribes over many WebSockets, each a user's of its own, and tells the one that started it when each has an event.
import { follow } from '../../e2e/stack/follower.ts';

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
    follow({
      transport: 'ws',
      url: () => url,
      token: () => token,
      query,
      onOpen: () => {
        connected++;
        tell({ connected });
        connect();
      },
      onResult: ({ data, errors }) =>
        errors ? tell({ failure: JSON.stringify(errors) }) : receive(data.noted.id as string),
      onFailure: ({ message }) => tell({ failure: message }),
    });
  };
  for (let i = 0; i < AT_ONCE; i++) connect();
});
process.on('disconnect', () => process.exit());
