import apollo from '@apollo/gateway';
import type { Stop } from '@todo/service/shutdown';
import { parse, validate, type ExecutionResult } from 'graphql';
import { executePlan } from '../executor/execute.ts';
import { startSubgraphClient } from '../subgraphs/client.ts';
import { buildSupergraph, type Supergraph } from '../supergraph/supergraph.ts';
import { testCaller, testContext } from './context.ts';
import { startSubgraphs, type Received, type TestSubgraph } from './subgraphs.ts';

type Execute = (query: string, variables?: Record<string, unknown>) => Promise<ExecutionResult>;

/** The executors over subgraphs of a test's: the gateway's own, and stock Apollo Gateway's to compare with. */
export type TestExecution = {
  supergraph: Supergraph;
  received: Received[];
  /** The result as a client would get it. */
  execute: Execute;
  /** What stock Apollo Gateway makes of the same, with the gateway's name for `service`. */
  executeStock: Execute;
  stop: Stop;
};

export async function startExecution(definitions: TestSubgraph[]): Promise<TestExecution> {
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
  const graph = await startSubgraphs(definitions);
  const client = startSubgraphClient(testContext());
  const supergraph = buildSupergraph(graph.supergraphSdl, testContext().config);
  let stock: Promise<apollo.ApolloGateway> | undefined;
  return {
    supergraph,
    received: graph.received,
    execute: async (query, variables = {}) => {
      const document = parse(query);
      const [invalid] = validate(supergraph.schema, document);
      if (invalid) throw invalid;
      const { plan, compiled } = supergraph.planFor(query, document, undefined);
      if (plan?.kind === 'Subscription') throw new Error('not for subscriptions');
      const result = await executePlan({
        compiled,
        variables,
        fetchSubgraph: (request) => client.send(request, supergraph.subgraphs.get(request.subgraph), testCaller()),
      });
      return JSON.parse(JSON.stringify(result));
    },
    executeStock: async (query, variables = {}) => {
      const { executor } = await (stock ??= loadStock(graph.supergraphSdl));
      const result = await executor({
        document: parse(query),
        request: { query, variables },
        queryHash: query,
        context: {},
        cache: {} as never,
        schema: supergraph.schema,
        metrics: {},
      } as never);
      return JSON.parse(
        JSON.stringify(result, (key, value) => {
          if (key !== 'extensions' || !('serviceName' in value)) return value;
          const { serviceName: service, stacktrace: _stacktrace, ...rest } = value;
          return { ...rest, service };
        }),
      );
    },
    stop: async () => {
      await (await stock)?.stop();
      await client.stop();
      await graph.stop();
    },
  };
}

async function loadStock(supergraphSdl: string): Promise<apollo.ApolloGateway> {
  const stock = new apollo.ApolloGateway({
    supergraphSdl,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  await stock.load();
  return stock;
}
