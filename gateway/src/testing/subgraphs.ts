import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import composition from '@apollo/composition';
import subgraph from '@apollo/subgraph';
import type { Stop } from '@todo/service/shutdown';
import { graphql, parse, type DocumentNode, type GraphQLFieldResolver } from 'graphql';

// oxlint-disable-next-line typescript/no-explicit-any -- resolvers of tests, over literal data
type Resolver = GraphQLFieldResolver<any, unknown> | ((...args: any[]) => unknown);

/** A subgraph for tests. One without resolvers has no server (`url` is its routing URL then). */
export type TestSubgraph = {
  name: string;
  typeDefs: string;
  resolvers?: Record<string, Record<string, Resolver>>;
  url?: string;
};

/** What a subgraph was asked. */
export type Received = {
  subgraph: string;
  query: string;
  variables: Record<string, unknown>;
  headers: IncomingHttpHeaders;
  /** What it answered; undefined until it has. */
  answer?: unknown;
};

export const FEDERATION = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@requires", "@external", "@provides", "@shareable", "@interfaceObject", "@inaccessible", "@context", "@fromContext",
  "@cost", "@listSize", "@authenticated", "@requiresScopes"
])`;

/** The supergraph of subgraphs that nobody serves. */
export function composed(definitions: TestSubgraph[]): string {
  return compose(
    definitions.map(({ name, url, typeDefs }) => ({ name, url: url ?? 'test:none', typeDefs: parse(typeDefs) })),
  );
}

function compose(services: { name: string; url: string; typeDefs: DocumentNode }[]): string {
  const { supergraphSdl, errors } = composition.composeServices(services);
  if (!supergraphSdl) throw new Error(`the test's subgraphs do not compose: ${String(errors)}`);
  return supergraphSdl;
}

/** Serves subgraphs on loopback and composes them. */
export async function startSubgraphs(
  definitions: TestSubgraph[],
): Promise<{ supergraphSdl: string; received: Received[]; stop: Stop }> {
  const received: Received[] = [];
  const started = await Promise.all(definitions.map((definition) => startSubgraph(definition, received)));
  return {
    supergraphSdl: compose(started.map(({ service }) => service)),
    received,
    stop: async () => {
      await Promise.all(started.map(({ stop }) => stop()));
    },
  };
}

async function startSubgraph({ name, typeDefs, resolvers, url }: TestSubgraph, received: Received[]) {
  const document = parse(typeDefs);
  if (!resolvers) return { service: { name, url: url ?? 'test:none', typeDefs: document }, stop: async () => {} };
  const schema = subgraph.buildSubgraphSchema([{ typeDefs: document, resolvers: resolvers as never }]);
  const server = createServer((request, response) => {
    void (async () => {
      const { query, variables, operationName } = JSON.parse(Buffer.concat(await request.toArray()).toString());
      const asked: Received = { subgraph: name, query, variables, headers: request.headers };
      received.push(asked);
      const result = await graphql({ schema, source: query, variableValues: variables, operationName });
      asked.answer = result;
      response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { service: { name, url: url ?? `http://127.0.0.1:${port}/graphql`, typeDefs: document }, stop };
}
