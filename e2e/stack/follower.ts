import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { readBlocks } from './event-stream.ts';

/** One result of a subscription. */
export type Result = {
  data?: any;
  errors?: { message: string; extensions?: { code?: string } }[];
  extensions?: { cursor?: string };
};

/** A subscriber that connects again with its last cursor whenever its connection ends, as a client should. */
export type Follower = {
  /** Where it would go on; undefined as long as the gateway has told nothing. */
  cursor: () => string | undefined;
  stop: () => Promise<void>;
};

type Options = {
  transport: 'ws' | 'sse';
  /** A replica's /graphql; asked again for each connection. */
  url: () => string;
  /** A token that is valid now. */
  token: () => string | Promise<string>;
  query: string;
  /** Where to go on at first. */
  cursor?: string | undefined;
  onResult: (result: Result) => void;
  /** The gateway has answered a connection. */
  onOpen?: () => void;
  /** The gateway has told where the stream stands, for the first time on a connection: whatever comes after is heard. */
  onPlace?: () => void;
  /** What was missed cannot be told. Where this is given, it goes on without a cursor: read again at the next `onPlace`. */
  onMissed?: (error: Error) => void;
  /** The subscription is over, for a reason that connecting again does not cure. */
  onFailure: (error: Error) => void;
  /** How often it tries in a row without an answer, and how long it waits in between. */
  attempts?: number;
  retryMs?: number;
};

/** What a connection tells while it lasts. */
type Telling = { open: () => void; result: (result: Result) => void; cursor: (cursor: string) => void };
type Request = { url: string; token: string; query: string; cursor: string | undefined };
/** Lasts as long as the connection. Rejects with Final where there is no point in another one. */
type Connection = (request: Request, telling: Telling, signal: AbortSignal) => Promise<void>;

/** Nothing that passes. */
class Final extends Error {}
/** The gateway cannot tell what was missed. */
class Missed extends Final {}

/** What another connection may not meet: an expired token is replaced for it. */
const PASSING = new Set(['SUBSCRIPTIONS_UNAVAILABLE', 'SLOW_CONSUMER', 'RATE_LIMIT_UNAVAILABLE', 'UNAUTHENTICATED']);
const MISSED = new Set(['CURSOR_TOO_OLD', 'EVENTS_LOST']);
const ATTEMPTS = 100;
const RETRY_MS = 100;

/** Subscribes, and keeps subscribed until it is stopped. */
export function follow(options: Options): Follower {
  const stopping = new AbortController();
  const { signal } = stopping;
  const { attempts = ATTEMPTS, retryMs = RETRY_MS, onMissed } = options;
  const connect = options.transport === 'ws' ? overWebSocket : overEventStream;
  let { cursor } = options;

  const run = async (): Promise<void> => {
    for (let fruitless = 0; !signal.aborted; fruitless++) {
      let isPlaced = false;
      const stand = (at: string | undefined): void => {
        if (at === undefined) return;
        cursor = at;
        if (!isPlaced) options.onPlace?.();
        isPlaced = true;
      };
      const telling: Telling = {
        open: () => {
          fruitless = 0;
          options.onOpen?.();
        },
        result: (result) => {
          if (!result.data && result.errors) refuse(result.errors);
          stand(result.extensions?.cursor);
          options.onResult(result);
        },
        cursor: stand,
      };
      try {
        const request = { url: options.url(), token: await options.token(), query: options.query, cursor };
        await connect(request, telling, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Missed && onMissed) {
          cursor = undefined;
          onMissed(error);
        } else if (error instanceof Final || fruitless >= attempts) return options.onFailure(error as Error);
      }
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    cursor: () => cursor,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** @throws Final unless it is something that passes */
function refuse(errors: NonNullable<Result['errors']>): void {
  const isPassing = errors.every(({ extensions }) => PASSING.has(extensions?.code ?? ''));
  const text = errors.map(({ message, extensions }) => `${extensions?.code}: ${message}`).join('; ');
  if (errors.some(({ extensions }) => MISSED.has(extensions?.code ?? ''))) throw new Missed(text);
  throw isPassing ? new Error(text) : new Final(text);
}

const overWebSocket: Connection = async ({ url, token, query, cursor }, telling, signal) => {
  const over = Promise.withResolvers<void>();
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    on: {
      connected: telling.open,
      ping: (_received, payload) => {
        for (const told of Object.values((payload?.['cursors'] ?? {}) as Record<string, string>)) telling.cursor(told);
      },
    },
  });
  signal.addEventListener('abort', () => over.resolve(), { once: true });
  const end = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      over.reject(error as Error);
    }
  };
  client.subscribe(
    { query, ...(cursor !== undefined && { extensions: { cursor } }) },
    {
      next: (result) => end(() => telling.result(result as Result)),
      error: (error) =>
        Array.isArray(error)
          ? end(() => refuse(error as NonNullable<Result['errors']>))
          : over.reject(new Error(`the WebSocket closed: ${(error as { code?: number }).code}`)),
      complete: () => over.reject(completed()),
    },
  );
  await over.promise.finally(() => client.dispose());
};

const overEventStream: Connection = async ({ url, token, query, cursor }, telling, signal) => {
  const ending = new AbortController();
  const response = await fetch(`${url}?${new URLSearchParams({ query })}`, {
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
      ...(cursor !== undefined && { 'last-event-id': cursor }),
    },
    signal: AbortSignal.any([signal, ending.signal]),
  });
  try {
    if (response.status !== 200) {
      const { errors = [] } = (await response.json()) as Result;
      return refuse(errors);
    }
    telling.open();
    for await (const { id, event, data } of readBlocks(response.body as ReadableStream<Uint8Array>)) {
      if (id !== undefined) telling.cursor(id);
      if (event === 'next') telling.result(JSON.parse(data ?? '') as Result);
      if (event === 'complete') throw completed();
    }
  } finally {
    ending.abort();
  }
};

function completed(): Final {
  return new Final('the gateway completed the subscription');
}
