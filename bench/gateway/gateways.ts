import { AUDIENCE, ISSUER } from './issuer.ts';

/** A gateway of the comparison: how it is started, and where it answers. */
export type Contestant = {
  title: string;
  argv: string[];
  env?: Record<string, string>;
  path: string;
  withToken?: boolean;
};

type Given = { supergraph: string; port: number; jwksUrl: string };

/** The gateways by name. None shares requests in flight: that would answer many with one execution. */
export function contestants({ supergraph, port, jwksUrl }: Given): Record<string, Contestant> {
  const node = process.execPath;
  const own = [
    node,
    'gateway/src/main.ts',
    '--supergraph',
    supergraph,
    '--port',
    String(port),
    '--deduplicate',
    'false',
  ];
  return {
    apollo: {
      title: '@apollo/gateway and @apollo/server, stock',
      argv: [node, 'bench/gateway/stock.ts', supergraph, String(port)],
      path: '/',
    },
    hive: {
      title: 'Hive Gateway 2.15.1, default executor with --jit',
      argv: `npx --yes --package @graphql-hive/gateway@2.15.1 hive-gateway supergraph ${supergraph} --host 127.0.0.1 --port ${port} --config-path bench/gateway/hive.js --jit`.split(
        ' ',
      ),
      path: '/graphql',
    },
    own: {
      title: 'this gateway, with authentication, limits and metrics',
      argv: own,
      env: {
        AUTH: 'required',
        AUTH_ISSUER: ISSUER,
        AUTH_AUDIENCE: AUDIENCE,
        AUTH_JWKS_URL: jwksUrl,
        RATE_LIMIT_PER_MINUTE: '1000000000',
        INTERNAL_PORT: '0',
        ACCESS_LOG: 'false',
      },
      path: '/graphql',
      withToken: true,
    },
    'own-log': {
      title: 'the same with its access log',
      argv: own,
      env: { AUTH: 'off', INTERNAL_PORT: '0', RATE_LIMIT_PER_MINUTE: '1000000000' },
      path: '/graphql',
    },
  };
}
