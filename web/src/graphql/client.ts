import { Client, fetchExchange, subscriptionExchange, type ExecutionResult } from 'urql';
import type { Session } from '../auth/session.ts';
import type { TaskChangedSubscription } from '../generated/operations.ts';
import { createCache } from './cache.ts';
import { gatewayFetch } from './gateway-fetch.ts';
import type { Live } from './live.ts';
import { createNewest } from './newest.ts';

/** A client with an empty cache: queries and mutations over HTTP, subscriptions over the session's WebSocket. */
export function createClient(session: Session, live: Live): Client {
  const newest = createNewest();
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    fetch: gatewayFetch(session),
    exchanges: [
      createCache(newest),
      newest.exchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '' }) => ({
          subscribe: (sink) => ({
            unsubscribe: live.subscribe(query, {
              ...sink,
              next: (result) => {
                if (newest.isNews(result.data as TaskChangedSubscription | null)) sink.next(result as ExecutionResult);
              },
            }),
          }),
        }),
      }),
      fetchExchange,
    ],
  });
}
