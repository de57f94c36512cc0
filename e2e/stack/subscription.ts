import { createClient } from 'graphql-ws';
import { createClient as createSseClient } from 'graphql-sse';
import WebSocket from 'ws';
import { ready } from './ready.ts';
import type { User } from './user.ts';

/** A live subscription: what has arrived so far, and what comes next. */
export type Live = {
  received: any[];
  /** The first event, past or to come, that the condition holds for. @throws where none comes in time */
  next(condition?: (data: any) => boolean, timeoutMs?: number): Promise<any>;
  stop(): Promise<void>;
};

type Subscribe = (
  request: { query: string; variables?: Record<string, unknown> },
  sink: { next(value: any): void; error(error: unknown): void; complete(): void },
) => () => void;

/**
 * Subscribes over graphql-ws. The protocol does not acknowledge a subscription: it resolves once a query that was sent
 * after it over the same connection, and went to a subgraph and back, has been answered. A browser sends the `origin` of its page.
 */
export async function subscribe(
  user: User,
  query: string,
  variables?: Record<string, unknown>,
  url = ready().urls.graphql,
  origin?: string,
): Promise<Live> {
  const connected = Promise.withResolvers<void>();
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: class extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, origin === undefined ? {} : { origin });
      }
    },
    connectionParams: { authorization: `Bearer ${user.token}` },
    retryAttempts: 0,
    on: { connected: () => connected.resolve(), closed: (event) => connected.reject(event) },
  });
  const live = collect(
    (request, sink) => client.subscribe(request, sink),
    query,
    variables,
    () => client.dispose(),
  );
  await connected.promise;
  await new Promise<void>((resolve, reject) => {
    client.subscribe({ query: '{ me { id } }' }, { next() {}, error: reject, complete: resolve });
  });
  return live;
}

/** Subscribes over SSE (distinct connections mode), whose response begins once the subscription is there. */
export async function subscribeSse(
  user: User,
  query: string,
  variables?: Record<string, unknown>,
  url = ready().urls.graphql,
): Promise<Live> {
  const connected = Promise.withResolvers<void>();
  const client = createSseClient({
    url,
    headers: { authorization: `Bearer ${user.token}` },
    retryAttempts: 0,
    on: { connected: () => connected.resolve() },
  });
  const live = collect(
    (request, sink) => client.subscribe(request, sink),
    query,
    variables,
    () => client.dispose(),
  );
  await connected.promise;
  return live;
}

function collect(
  start: Subscribe,
  query: string,
  variables: Record<string, unknown> | undefined,
  dispose: () => void | Promise<void>,
): Live {
  const received: any[] = [];
  const waiting = new Set<() => void>();
  let failure: unknown;
  let ended = false;
  const changed = (): void => waiting.forEach((check) => check());
  const stop = start(
    { query, ...(variables && { variables }) },
    {
      next(value) {
        if (value.errors) failure = new Error(JSON.stringify(value.errors));
        else received.push(value.data);
        changed();
      },
      error(error) {
        failure = error;
        changed();
      },
      complete() {
        ended = true;
        changed();
      },
    },
  );
  return {
    received,
    next: (condition = () => true, timeoutMs = 60_000) =>
      new Promise((resolve, reject) => {
        const settle = (then: () => void): void => {
          clearTimeout(timer);
          waiting.delete(check);
          then();
        };
        const check = (): void => {
          const found = received.find(condition);
          if (found !== undefined) settle(() => resolve(found));
          else if (failure !== undefined) settle(() => reject(failure));
          else if (ended) settle(() => reject(new Error('the subscription ended')));
        };
        const timer = setTimeout(
          () => settle(() => reject(new Error(`no such event within ${timeoutMs} ms: ${JSON.stringify(received)}`))),
          timeoutMs,
        );
        waiting.add(check);
        check();
      }),
    async stop() {
      stop();
      await dispose();
    },
  };
}
