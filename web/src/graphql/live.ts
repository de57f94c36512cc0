import { createClient, type Client, type FormattedExecutionResult } from 'graphql-ws';
import type { Session } from '../auth/session.ts';
import { createStore, type Store } from './store.ts';

/** `live`: changes come as they happen. `connecting`: not yet, or not any more. `offline`: the browser has no network. */
type LiveStatus = 'connecting' | 'live' | 'offline';

type Sink = {
  next(result: FormattedExecutionResult): void;
  error(error: unknown): void;
  complete(): void;
};

/** Subscriptions that go on where they broke off. */
export type Live = {
  status: Store<LiveStatus>;
  /** Counts how often changes may have been missed, so that what was read before must be read again. */
  gaps: Store<number>;
  subscribe(query: string, sink: Sink): () => void;
  stop(): void;
};

/** The codes after which a stream starts anew, for want of a position to go on from. */
const LOST = new Set(['CURSOR_TOO_OLD', 'BAD_USER_INPUT']);
/** The codes after which a stream goes on at once, from its position. */
const BROKEN_OFF = new Set(['SLOW_CONSUMER', 'EVENTS_LOST', 'SUPERGRAPH_CHANGED']);
const KEEP_ALIVE_MS = 10_000;
const PONG_MS = 5000;
const MAX_WAIT_MS = 10_000;
const REOPEN_MS = 1000;

type Stream = { query: string; sinks: Set<Sink>; position: { cursor?: string }; close?: () => void };

/** Holds one WebSocket for all streams; renews its token in-band. */
export function startLive(session: Session): Live {
  const status = createStore<LiveStatus>(navigator.onLine ? 'connecting' : 'offline');
  const gaps = createStore(0);
  const streams = new Map<string, Stream>();
  const positions = new Map<string, Stream['position']>();
  let socket: WebSocket | undefined;
  let pong: ReturnType<typeof setTimeout> | undefined;
  let opening: Promise<void> | undefined;
  let wake: (() => void) | undefined;

  const client: Client = createClient({
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    connectionParams: async () => ({ authorization: `Bearer ${await session.token()}` }),
    keepAlive: KEEP_ALIVE_MS,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: async (attempt) => {
      const wait = Math.min(MAX_WAIT_MS, 250 * 2 ** attempt) * (0.5 + Math.random() / 2);
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, wait);
      });
    },
    // The extensions are the stream's position itself: connecting again sends what is in it by then.
    generateID: ({ extensions }) => {
      const id = crypto.randomUUID();
      if (extensions) positions.set(id, extensions);
      return id;
    },
    on: {
      opened: (opened) => (socket = opened as WebSocket),
      connected: (_socket, _payload, wasRetry) => {
        // With positions, nothing was missed; otherwise `begin` says when it listens.
        if (wasRetry) void settle();
      },
      closed: () => {
        clearTimeout(pong);
        socket = undefined;
        status.set(navigator.onLine ? 'connecting' : 'offline');
      },
      ping: (received, payload) => {
        if (!received) {
          // Nothing tells a page that its network is gone without a word.
          pong = setTimeout(() => client.terminate(), PONG_MS);
          return;
        }
        for (const [id, cursor] of Object.entries((payload?.['cursors'] ?? {}) as Record<string, string>)) {
          const position = positions.get(id);
          if (position) position.cursor = cursor;
        }
      },
      pong: (received) => received && clearTimeout(pong),
    },
  });

  /** Resolves once all that was sent before has been taken: the protocol does not say when a subscription is there. */
  const settle = async (): Promise<void> => {
    await new Promise<void>((resolve, reject) => {
      client.subscribe({ query: '{ me { id } }' }, { next() {}, error: reject, complete: resolve });
    }).catch(() => undefined);
    if (socket) status.set('live');
  };

  const open = async (): Promise<void> => {
    await afterThis();
    await settle();
    opening = undefined;
    gaps.set(gaps.get() + 1);
  };

  const begin = (stream: Stream): void => {
    const isNew = stream.position.cursor === undefined;
    const again = (code: string): void => {
      stream.close?.();
      const isLost = LOST.has(code) && stream.position.cursor !== undefined;
      if (isLost) delete stream.position.cursor;
      const reopen = (): void => {
        if (streams.get(stream.query) === stream) begin(stream);
      };
      if (isLost || BROKEN_OFF.has(code)) reopen();
      else setTimeout(reopen, REOPEN_MS);
    };
    stream.close = client.subscribe(
      { query: stream.query, extensions: stream.position },
      {
        next: (result) => {
          const { cursor } = (result.extensions ?? {}) as { cursor?: string };
          if (cursor !== undefined) stream.position.cursor = cursor;
          const code = endingCodeOf(result.data, result.errors);
          if (code !== undefined) return again(code);
          for (const sink of stream.sinks) sink.next(result as FormattedExecutionResult);
        },
        error: (error) => {
          const [first] = Array.isArray(error) ? (error as { extensions?: { code?: string } }[]) : [];
          again(first?.extensions?.code ?? 'INTERNAL_SERVER_ERROR');
        },
        complete: () => {},
      },
    );
    // It listens from about now on: what was read before may be out of date.
    if (isNew) opening ??= open();
  };

  const online = (): void => {
    status.set('connecting');
    wake?.();
  };
  const offline = (): void => {
    status.set('offline');
    client.terminate();
  };
  addEventListener('online', online);
  addEventListener('offline', offline);
  const stopTokens = session.onToken((token) => {
    if (socket?.readyState === WebSocket.OPEN)
      socket.send(JSON.stringify({ type: 'ping', payload: { authorization: `Bearer ${token}` } }));
  });

  return {
    status,
    gaps,
    subscribe: (query, sink) => {
      let stream = streams.get(query);
      if (!stream) {
        stream = { query, sinks: new Set(), position: {} };
        streams.set(query, stream);
        begin(stream);
      }
      stream.sinks.add(sink);
      return () => void stream.sinks.delete(sink);
    },
    stop: () => {
      removeEventListener('online', online);
      removeEventListener('offline', offline);
      stopTokens();
      streams.clear();
      void client.dispose();
    },
  };
}

/** Streams that are opened in one turn are opened together. */
const afterThis = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve));

/** The code of a stream's last result: one that holds no event. */
function endingCodeOf(data: unknown, errors: readonly unknown[] | undefined): string | undefined {
  if (data || !errors) return undefined;
  const [first] = errors as { extensions?: { code?: string } }[];
  return first?.extensions?.code ?? 'INTERNAL_SERVER_ERROR';
}
