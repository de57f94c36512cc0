import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '../config.ts';
import { hostOf } from './host.ts';
import { landingPage, policyOf, type Landing } from './landing-page.ts';
import { pagesIn } from './pages.ts';

/** Serves a page at / for people who open the gateway in a browser during development: Apollo Sandbox, and what else is served. */
export function addLandingPage(app: FastifyInstance, config: GatewayConfig): void {
  app.get('/', (request, reply) =>
    reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policyOf(hostOf(request)),
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
      })
      .send(landingPage(landingOf(`${request.protocol}://${hostOf(request)}`, config))),
  );
}

function landingOf(origin: string, config: GatewayConfig): Landing {
  const { AUTH, AUTH_COOKIE: cookie, INTERNAL_HOST, INTERNAL_PORT } = config;
  const endpoint = `${origin}/graphql`;
  const token = AUTH === 'off' ? '' : " -H 'authorization: Bearer TOKEN'";
  const json = " -H 'content-type: application/json'";
  return {
    endpoint,
    // The one port of several that is not known before it is taken has no link.
    links: [
      ...pagesIn(config.PAGES_DIR).map((page) => ({ href: `/${page}/`, text: page })),
      { href: '/healthz', text: 'health' },
      { href: '/readyz', text: 'readiness' },
      ...(INTERNAL_PORT ? [{ href: `http://${INTERNAL_HOST}:${INTERNAL_PORT}/metrics`, text: 'metrics' }] : []),
    ],
    commands: [
      { text: 'An operation', command: `curl ${endpoint}${token}${json} -d '{"query":"{ __typename }"}'` },
      // Without a sidecar there are no events.
      ...(config.DAPR_HTTP_ENDPOINT === undefined
        ? []
        : [
            {
              text: 'A subscription, as server-sent events',
              command: `curl -N ${endpoint}${token}${json} -H 'accept: text/event-stream' -d '{"query":"subscription { … }"}'`,
            },
          ]),
      ...(cookie === undefined
        ? []
        : [
            {
              text: `Put a token into the cookie ${cookie} (DELETE clears it)`,
              command: `curl -i -X POST ${origin}/session${token}`,
            },
          ]),
    ],
    sandbox: {
      initialState: {
        document: 'query Typename {\n  __typename\n}\n',
        // Where callers may stay anonymous a token that is none would be refused.
        headers: AUTH === 'required' ? { authorization: 'Bearer TOKEN' } : {},
        includeCookies: cookie !== undefined,
        // Once a second by default: it would use up the quota of whoever looks.
        pollForSchemaUpdates: false,
      },
      hideCookieToggle: cookie === undefined,
    },
  };
}
