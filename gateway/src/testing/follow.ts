import { once } from 'node:events';
import WebSocket from 'ws';
import type { TestGateway } from './gateway.ts';
import { total } from './metrics.ts';

type Result = {
  data?: any; // oxlint-disable-line typescript/no-explicit-any -- of literal queries
  errors?: { message: string; path?: unknown; extensions: Record<string, unknown> }[];
  extensions?: { cursor: string };
};
type Wish = {
  query: string;
  variables?: Record<string, unknown>;
  cursor?: string | undefined;
  token?: string;
  headers?: Record<string, string>;
};

/** A subscription's client, who takes whatever comes. */
export type Followed = {
  got: Result[];
  isOver: () => boolean;
  leave: () => void;
};

/** Opens a subscription as `ada`, or by the token given. */
export type Follow = (stage: TestGateway, wish: Wish) => Promise<Followed>;

/** Waits until a gateway has so many subscriptions open. */
export async function hasSubscribers({ context }: TestGateway, count: number): Promise<boolean> {
  return (await total(context.metrics.subscribers)) === count;
}

/** A connection on which subscriptions are opened, and the token renewed. */
export type Line = {
  subscribe: (wish: Pick<Wish, 'query' | 'variables' | 'cursor'>) => Followed;
  refresh: (token: string) => Promise<void>;
  closed: Promise<[code: number, reason: string]>;
  close: () => void;
};

export async function openLine(
  stage: TestGateway,
  token?: string,
  headers: Record<string, string> = {},
): Promise<Line> {
  const url = `${stage.gateway.url.replace('http', 'ws')}/graphql`;
  const socket = new WebSocket(url, 'graphql-transport-ws', { headers });
  const closed = once(socket, 'close').then(([code, reason]) => [code, String(reason)] as [number, string]);
  const send = (message: unknown): void => socket.send(JSON.stringify(message));
  await once(socket, 'open');
  send({ type: 'connection_init', payload: { token: token ?? (await stage.issuer.token()) } });
  await once(socket, 'message');
  const open = new Map<string, { got: Result[]; over: boolean }>();
  const ponged: (() => void)[] = [];
  socket.on('message', (text: Buffer) => {
    const { id, type, payload } = JSON.parse(text.toString());
    if (type === 'pong') return ponged.shift()?.();
    const operation = open.get(id);
    if (!operation) return;
    if (type === 'next') operation.got.push(payload);
    else operation.over = true;
    if (type === 'error') operation.got.push({ errors: payload });
  });
  let ids = 0;
  return {
    subscribe: ({ query, variables, cursor }) => {
      const id = String(ids++);
      const operation = { got: [], over: false };
      open.set(id, operation);
      send({ id, type: 'subscribe', payload: { query, variables, extensions: cursor && { cursor } } });
      return {
        got: operation.got,
        isOver: () => operation.over,
        leave: () => send({ id, type: 'complete' }),
      };
    },
    refresh: (renewed) =>
      new Promise((resolve) => {
        ponged.push(resolve);
        send({ type: 'ping', payload: { token: renewed } });
      }),
    closed,
    close: () => socket.terminate(),
  };
}

const overWebSocket: Follow = async (stage, { token, headers, ...wish }) => {
  const line = await openLine(stage, token, headers);
  return { ...line.subscribe(wish), leave: line.close };
};

const overEvents: Follow = async (stage, { query, variables, cursor, token, headers }) => {
  const leaving = new AbortController();
  const response = await fetch(`${stage.gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      ...headers,
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${token ?? (await stage.issuer.token())}`,
      ...(cursor && { 'last-event-id': cursor }),
    },
    body: JSON.stringify({ query, variables }),
    signal: leaving.signal,
  });
  const got: Result[] = [];
  let over = false;
  void (async () => {
    let text = '';
    for await (const chunk of response.body ?? []) {
      const events = (text + Buffer.from(chunk).toString()).split('\n\n');
      text = events.pop() as string;
      for (const event of events) {
        const data = /^data: (\{.*)$/m.exec(event)?.[1];
        if (data) got.push(JSON.parse(data));
        if (event.includes('event: complete')) over = true;
      }
    }
  })().catch(() => undefined); // it was left
  return { got, isOver: () => over, leave: () => leaving.abort() };
};

export const follows: [name: string, follow: Follow][] = [
  ['WebSocket', overWebSocket],
  ['server-sent events', overEvents],
];
