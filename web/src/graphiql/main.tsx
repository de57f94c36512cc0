import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { createClient } from 'graphql-ws';
import { createRoot } from 'react-dom/client';
import { findIdentity } from '../auth/identity.ts';
import { gatewayFetch } from '../graphql/gateway-fetch.ts';
import './page.css';

const root = createRoot(document.getElementById('root') as HTMLElement);
const session = await (await findIdentity()).resume();
if (session) {
  const fetcher = createGraphiQLFetcher({
    url: '/graphql',
    fetch: gatewayFetch(session),
    wsClient: createClient({
      url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
      connectionParams: async () => ({ authorization: `Bearer ${await session.token()}` }),
    }),
  });
  // Links may bring a query along.
  const given = new URLSearchParams(location.search).get('query') ?? undefined;
  root.render(
    <GraphiQL fetcher={fetcher} initialQuery={given} defaultQuery={'query Me {\n  me {\n    id\n  }\n}\n'} />,
  );
} else {
  root.render(
    <main className="entrance">
      <p>
        <a href="/app/">Sign in</a> first: operations are sent with your own token.
      </p>
    </main>,
  );
}
