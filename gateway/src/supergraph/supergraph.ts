import { createHash } from 'node:crypto';
import internals from '@apollo/federation-internals';
import type { FetchNode } from '@apollo/query-planner';
import { parse, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { Access } from '../authorization/access.ts';
import { createAuthorize, type Authorize } from '../authorization/authorize.ts';
import { filterOperation } from '../authorization/filter.ts';
import { readRules } from '../authorization/rules.ts';
import type { GatewayConfig } from '../config.ts';
import { compileOperation, type CompiledOperation } from '../executor/compile.ts';
import type { Data } from '../executor/place.ts';
import { createPlanner, type PlannedOperation } from '../planner/planner.ts';
import { readEntityKeys } from '../subscriptions/entity-keys.ts';
import type { CloudEvent } from '../subscriptions/event.ts';
import { readTopics, type TopicField } from '../subscriptions/topics.ts';
import { compileValue } from '../subscriptions/value.ts';
import { readCostRules, type CostRules } from './cost-rules.ts';
import { createPlanCache, type ObservePlans, type PlanCache } from './plan-cache.ts';
import { prepareForApolloGateway } from './prepare.ts';

/** An operation that was planned, and compiled. `bytes`: what it takes in memory by now, about. */
export type ReadyOperation = PlannedOperation & { compiled: CompiledOperation; bytes: () => number };

/** A supergraph that is ready to be asked. */
export type Supergraph = {
  sdl: string;
  /** The first 12 digits of the SDL's SHA-256. */
  hash: string;
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
  /** Tells what a caller may not see of a validated document. */
  accessTo: Authorize;
  /**
   * Plans and compiles a validated operation without what the access denies; plans are kept by `key`, which must say
   * document and operation name.
   */
  planFor: (
    key: string,
    document: DocumentNode,
    operationName: string | undefined,
    access?: Access | undefined,
  ) => ReadyOperation;
  plans: Pick<PlanCache<ReadyOperation>, 'mostUsed' | 'size'>;
};

type PlanLimits = Pick<
  GatewayConfig,
  'PLAN_CACHE_SIZE' | 'PLAN_CACHE_BYTES' | 'MAX_EVALUATED_PLANS' | 'MAX_RESPONSE_CHARACTERS'
>;

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
  const schema = apiSchema.toGraphQLJSSchema();
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();
  const rules = readRules(supergraph.schema);
  const values = new WeakMap<FetchNode, (event: CloudEvent) => Data>();
  const most = {
    plans: limits.PLAN_CACHE_SIZE,
    bytes: limits.PLAN_CACHE_BYTES,
    bytesOfPlan: ({ bytes }: ReadyOperation) => bytes(),
  };
  const plans = createPlanCache<ReadyOperation>(most, observe);
  // Apart from those that are made again for another supergraph: that one's rules are others.
  const restrictedPlans = createPlanCache<ReadyOperation>(most, observe);
  const compiledOf = (planned: PlannedOperation, access: Access | undefined): CompiledOperation =>
    compileOperation({
      ...planned,
      // Of a subscription, what an event brings is not asked for.
      plan: planned.plan?.kind === 'Subscription' ? planned.plan.rest : planned.plan,
      schema,
      supergraphSchema,
      access,
      maxLength: limits.MAX_RESPONSE_CHARACTERS,
    });
  return {
    sdl,
    hash: createHash('sha256').update(sdl).digest('hex').slice(0, 12),
    schema,
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
    accessTo: rules ? createAuthorize(rules, schema, limits.PLAN_CACHE_SIZE) : () => undefined,
    planFor: (operationKey, document, operationName, access) => {
      const cache = access ? restrictedPlans : plans;
      const key = access ? `${operationKey} -${access.key}` : operationKey;
      const visible = (safe: DocumentNode): DocumentNode =>
        access ? filterOperation(schema, safe, operationName, access) : safe;
      return cache.get({ key, document, operationName }, () => {
        const planned = plan(document, operationName, visible);
        const compiled = compiledOf(planned, access);
        return { ...planned, compiled, bytes: bytesOf(planned, compiled) };
      });
    },
    plans: { mostUsed: plans.mostUsed, size: () => plans.size() + restrictedPlans.size() },
  };
}

/** Measured over operations of four kinds, as the heap grew. */
const BYTES_PER_OPERATION = 4500;
const BYTES_PER_CHARACTER_OF_PLAN = 6;
const BYTES_PER_CHARACTER_OF_CODE = 3;

function bytesOf({ plan }: PlannedOperation, { variants }: CompiledOperation): () => number {
  const planned = BYTES_PER_OPERATION + JSON.stringify(plan ?? null).length * BYTES_PER_CHARACTER_OF_PLAN;
  return () => planned + variants.characters() * BYTES_PER_CHARACTER_OF_CODE;
}
