import internals from '@apollo/federation-internals';
import type { FetchNode } from '@apollo/query-planner';
import { parse, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { GatewayConfig } from '../config.ts';
import type { Data } from '../executor/place.ts';
import { createPlanner, type PlannedOperation } from '../planner/planner.ts';
import { readEntityKeys } from '../subscriptions/entity-keys.ts';
import type { CloudEvent } from '../subscriptions/event.ts';
import { readTopics, type TopicField } from '../subscriptions/topics.ts';
import { compileValue } from '../subscriptions/value.ts';
import { readCostRules, type CostRules } from './cost-rules.ts';
import { createPlanCache, type ObservePlans, type PlanCache } from './plan-cache.ts';
import { prepareForApolloGateway } from './prepare.ts';

/** A supergraph that is ready to be asked. */
export type Supergraph = {
  sdl: string;
  /** What clients see. */
  schema: GraphQLSchema;
  /** With the types that the API hides. */
  supergraphSchema: GraphQLSchema;
  /** Routing URLs by subgraph name. */
  subgraphs: Map<string, string>;
  /** The subscription fields that topics feed, by name. */
  topics: Map<string, TopicField>;
  /** What `@cost` and `@listSize` say. */
  costRules: CostRules;
  /** Takes the answer of a subscription plan's primary fetch from an event. */
  valueOf: (primary: FetchNode) => (event: CloudEvent) => Data;
  /** Plans a validated operation; plans are kept by `key`, which must say document and operation name. */
  planFor: (key: string, document: DocumentNode, operationName: string | undefined) => PlannedOperation;
  plans: Pick<PlanCache<PlannedOperation>, 'mostUsed' | 'size'>;
};

type PlanLimits = Pick<GatewayConfig, 'PLAN_CACHE_SIZE' | 'MAX_EVALUATED_PLANS'>;

/**
 * Makes a supergraph's SDL ready.
 * @throws where it is no supergraph, needs a feature that the gateway lacks, or has an `@topic` that must not be served
 */
export function buildSupergraph(sdl: string, limits: PlanLimits, observe?: ObservePlans): Supergraph {
  const prepared = prepareForApolloGateway(sdl);
  const supergraph = internals.Supergraph.build(prepared);
  const apiSchema = supergraph.apiSchema();
  const plan = createPlanner(prepared, limits.MAX_EVALUATED_PLANS);
  const document = parse(sdl);
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();
  const values = new WeakMap<FetchNode, (event: CloudEvent) => Data>();
  const plans = createPlanCache<PlannedOperation>(limits.PLAN_CACHE_SIZE, observe);
  return {
    sdl,
    schema: apiSchema.toGraphQLJSSchema(),
    supergraphSchema,
    subgraphs: new Map([...supergraph.subgraphsMetadata()].map(({ name, url }) => [name, url])),
    topics: new Map(readTopics(document).map((topic) => [topic.field, topic])),
    costRules: readCostRules(document),
    valueOf: (primary) => {
      const known = values.get(primary);
      if (known) return known;
      const valueOf = compileValue(supergraphSchema, readEntityKeys(document, primary.serviceName), primary);
      values.set(primary, valueOf);
      return valueOf;
    },
    planFor: (key, document, operationName) =>
      plans.get({ key, document, operationName }, () => plan(document, operationName)),
    plans,
  };
}
