import type { FastifyInstance } from 'fastify';

/** A page for people who open the gateway in a browser during development. */
export function addLandingPage(app: FastifyInstance): void {
  app.get('/', (request, reply) => {
    const endpoint = `${request.protocol}://${request.host}/graphql`;
    const sandbox = `https://studio.apollographql.com/sandbox/explorer?endpoint=${encodeURIComponent(endpoint)}`;
    return reply.type('text/html; charset=utf-8').send(`<!doctype html>
<html lang="en">
<title>GraphQL gateway</title>
<h1>GraphQL gateway</h1>
<p>The endpoint is <code>${escape(endpoint)}</code>. <a href="${escape(sandbox)}">Explore it in Apollo Sandbox</a>.</p>
<p>Subscriptions: WebSocket (<code>graphql-transport-ws</code>) or server-sent events, at the same address.</p>
</html>
`);
  });
}

/** The host comes from the request: it must not become markup. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
