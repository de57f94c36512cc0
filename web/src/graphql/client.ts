import { Client, fetchExchange, subscriptionExchange } from 'urql';
import type { Session } from '../auth/session.ts';
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
          subscribe: (sink) => ({ unsubscribe: live.subscribe(query, sink as Parameters<Live['subscribe']>[1]) }),
        }),
      }),
      fetchExchange,
    ],
  });
}
