import apollo from '@apollo/gateway';
import type { Identity } from '@todo/service/identity';
import type { Stop } from '@todo/service/shutdown';
import { executeSync, parse, type ExecutionResult, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { executePlan } from '../../executor/execute.ts';
import { isObject, type Data } from '../../executor/place.ts';
import type { SubgraphRequest, SubgraphResponse } from '../../executor/run.ts';
import { buildSupergraph, type ReadyOperation } from '../../supergraph/supergraph.ts';
import { testContext } from '../context.ts';
import { executePlan as interpretPlan } from '../reference/execute.ts';
import type { ReferenceRequest } from '../reference/run.ts';
import { composed, type TestSubgraph } from '../subgraphs.ts';
import type { GeneratedOperation } from './operations.ts';
import type { Answer } from './subgraphs.ts';

/** `merged` is what the subgraphs' answers came to, before it was shaped. */
export type OwnResult = Pick<ReadyOperation, 'plan' | 'responseNames'> & { result: ExecutionResult; merged: Data };

/** Several ways to execute one operation over the same subgraphs. */
export type Gateways = {
  /** What clients see. */
  schema: GraphQLSchema;
  /** The gateway's own executor; of what takes a token, as much as `identity` may see. */
  own: (operation: GeneratedOperation, answer: Answer, identity?: Identity) => Promise<OwnResult>;
  /** The executor that interprets plans, without any of the own one's savings. */
  reference: Gateways['own'];
  /** Stock Apollo Gateway, with the gateway's name for `service`. */
  stock: (operation: GeneratedOperation, answer: Answer) => Promise<ExecutionResult>;
  /** graphql-js, as if one server had all fields. */
  whole: (operation: GeneratedOperation, resolver: GraphQLFieldResolver<any, unknown>, root?: Data) => ExecutionResult;
  stop: Stop;
};

export async function startGateways(definitions: TestSubgraph[], sdl = composed(definitions)): Promise<Gateways> {
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
  const { schema, supergraphSchema, accessTo, planFor } = buildSupergraph(sdl, testContext().config);
  const stock = new apollo.ApolloGateway({
    supergraphSdl: sdl,
    // As the gateway has it, so that subgraphs get the same queries.
    queryPlannerConfig: { reuseQueryFragments: false },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    buildService: ({ name }) => ({
      process: async ({ request, context }) =>
        withoutInterfaceObjects(
          await (context['answer'] as Answer)(name, { query: request.query ?? '', variables: request.variables ?? {} }),
        ) as never,
    }),
  });
  // When it is needed: it refuses a supergraph that protects anything.
  let loaded: ReturnType<typeof stock.load> | undefined;
  return {
    schema,
    own: async ({ query, variables }, answer, identity) => {
      const document = parse(query);
      const access = accessTo(query, document, identity);
      const { plan, compiled, responseNames } = planFor(query, document, undefined, access);
      if (plan?.kind === 'Subscription') throw new Error('not for subscriptions');
      const merged: Data = {};
      const fetchSubgraph = async ({ subgraph, body }: SubgraphRequest) => answer(subgraph, JSON.parse(body));
      const execution = { compiled, access, variables, data: merged, fetchSubgraph };
      return { result: asJson(await executePlan(execution)), merged, plan, responseNames };
    },
    reference: async ({ query, variables }, answer, identity) => {
      const document = parse(query);
      const access = accessTo(query, document, identity);
      const { plan, compiled: _compiled, ...planned } = planFor(query, document, undefined, access);
      if (plan?.kind === 'Subscription') throw new Error('not for subscriptions');
      const merged: Data = {};
      const fetchSubgraph = async (request: ReferenceRequest) =>
        answer(request.subgraph, JSON.parse(JSON.stringify(request)));
      const execution = { ...planned, plan, access, variables, schema, supergraphSchema, data: merged, fetchSubgraph };
      const result = asJson(await interpretPlan(execution));
      return { result, merged, plan, responseNames: planned.responseNames };
    },
    stock: async ({ query, variables }, answer) => {
      const request = { query, variables };
      const context = { answer };
      const document = parse(query);
      const { executor } = await (loaded ??= stock.load());
      const made = executor({ document, request, queryHash: query, context, schema, metrics: {}, cache: {} } as never);
      return asJson(await made.catch((error: Error) => ({ errors: [{ message: error.message }] })));
    },
    whole: ({ query, variables }, fieldResolver, rootValue) =>
      asJson(executeSync({ schema, document: parse(query), variableValues: variables, fieldResolver, rootValue })),
    stop: async () => (loaded ? stock.stop() : undefined),
  };
}

/**
 * Stock Apollo Gateway lets the name that an interface object has in its subgraph replace the name of the object's type,
 * and then leaves out what was selected of that type. Without that name the rest can be compared.
 */
function withoutInterfaceObjects(answer: SubgraphResponse): SubgraphResponse {
  const entities = answer.data?.['_entities'];
  for (const entity of Array.isArray(entities) ? (entities as unknown[]) : [])
    if (isObject(entity)) for (const [key, value] of Object.entries(entity)) if (value === 'Work') delete entity[key];
  return answer;
}

function asJson(result: unknown): ExecutionResult {
  return JSON.parse(
    JSON.stringify(result, (key, value) => {
      if (key !== 'extensions' || !('serviceName' in value)) return value;
      const { serviceName: service, stacktrace: _stacktrace, ...rest } = value;
      return { ...rest, service };
    }),
  );
}
