import internals from '@apollo/federation-internals';
import type { PlanNode, SubscriptionNode } from '@apollo/query-planner';
import {
  getOperationAST,
  Kind,
  parse,
  print,
  type ConstDirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from 'graphql';
import { fragmentsOf } from '../executor/collect.ts';
import { withSafeAliases } from './aliases.ts';
import { withSomethingSelected, withTypedConditions } from './conditions.ts';
import { checkCoverage, typesWithoutObjects } from './coverage.ts';
import { fieldsOfFieldSets, fieldsOfInterfaceObjects, isFielded } from './field-sets.ts';
import { createConditionalRequirements } from './conditional-requirements.ts';
import { mapFetches } from './plan-nodes.ts';
import { createQueryPlanner } from './query-planner.ts';
import { restoreFields } from './restore.ts';
import { withStandIns } from './stand-ins.ts';

/** An operation that was parsed, validated and planned. */
export type PlannedOperation = {
  /** The client's, but for aliases that would meet the planner's own fields. */
  operation: OperationDefinitionNode;
  fragments: Map<string, FragmentDefinitionNode>;
  /** undefined where no subgraph is asked (introspection alone, or everything skipped). */
  plan: PlanNode | SubscriptionNode | undefined;
  /** The names that clients know, by names in the operation or the plan that are the planner's. */
  responseNames: ReadonlyMap<string, string>;
};

/**
 * Plans a validated operation; of it, what `visible` leaves of its document. Throws where it can be planned in part only.
 */
export type PlanOperation = (
  document: DocumentNode,
  operationName: string | undefined,
  visible?: (document: DocumentNode) => DocumentNode,
) => PlannedOperation;

/**
 * Apollo's query planner over a supergraph, without its known errors: requirements with arguments or of fields
 * that are skipped, response names that it takes for others, keys that are not resolvable, fields and objects that it leaves out.
 */
export function createPlanner(supergraphSdl: string, maxEvaluatedPlans: number): PlanOperation {
  const original = parse(supergraphSdl, { noLocation: true });
  const { document, required } = withStandIns(withResolvableKeysFirst(original));
  const changed = required.standIns.size > 0;
  // Stand-ins leave the fields that they stand for without use in some subgraphs: only the original is checked for that.
  if (changed) internals.Supergraph.build(supergraphSdl).subgraphs();
  const supergraph = internals.Supergraph.build(print(document), { validateSupergraph: !changed });
  const planner = createQueryPlanner(supergraph, maxEvaluatedPlans);
  const schema = supergraph.apiSchema();
  const meeting = { planners: fieldsOfFieldSets(document), ofInterfaceObjects: fieldsOfInterfaceObjects(document) };
  const fieldNames = new Map([...required.standIns].map(([name, { field }]) => [name, field]));
  const withConditions = createConditionalRequirements(document);
  const apiSchema = schema.toGraphQLJSSchema();
  const empty = typesWithoutObjects(apiSchema);

  return (clientDocument, operationName, visible = (whole) => whole) => {
    const safe = withSafeAliases(clientDocument, meeting);
    const operation = getOperationAST(safe.document, operationName);
    if (!operation) throw new Error(`the document has no operation ${operationName ?? 'of its own'}`);
    const fragments = fragmentsOf(safe.document);
    const asked = withSomethingSelected(apiSchema, visible(safe.document));
    const planOf = (given: DocumentNode) =>
      planner.buildQueryPlan(
        internals.operationFromDocument(schema, given, { operationName: operationName || undefined }),
      ).node;
    let node = planOf(asked);
    if (lacksAliases(node)) node = planOf(withTypedConditions(apiSchema, asked));
    checkCoverage(apiSchema, empty, getOperationAST(asked, operationName) ?? operation, fragmentsOf(asked), node);
    const responseNames = new Map([...fieldNames, ...safe.responseNames]);
    const conditioned = node && withConditions(node);
    const plan = conditioned && changed ? restoreFields(required, conditioned) : conditioned;
    return { operation, fragments, plan, responseNames };
  };
}

/**
 * Whether a plan gives fields names of their own that it does not ask for: the planner does not find the way to those
 * within a fragment that has a condition and names no type.
 */
function lacksAliases(node: PlanNode | SubscriptionNode | undefined): boolean {
  let lacks = false;
  if (node)
    mapFetches(node, (fetch) => {
      const aliases = (fetch.outputRewrites ?? []).map(({ path }) => path.at(-1));
      for (const alias of new Set(aliases)) {
        const asked = fetch.operation.split(`${alias}:`).length - 1;
        lacks ||= asked < aliases.filter((one) => one === alias).length;
      }
      return [fetch];
    });
  return lacks;
}

/**
 * The planner takes a type's first key in a subgraph to return to an entity there, whether or not the subgraph can
 * resolve it: the resolvable ones go first.
 */
function withResolvableKeysFirst(document: DocumentNode): DocumentNode {
  return {
    ...document,
    definitions: document.definitions.map((node) =>
      isFielded(node) ? { ...node, directives: node.directives?.toSorted(byResolvability) } : node,
    ),
  };
}

function byResolvability(one: ConstDirectiveNode, other: ConstDirectiveNode): number {
  return Number(isUnresolvable(one)) - Number(isUnresolvable(other));
}

function isUnresolvable(directive: ConstDirectiveNode): boolean {
  const resolvable = directive.arguments?.find(({ name }) => name.value === 'resolvable')?.value;
  return directive.name.value === 'join__type' && resolvable?.kind === Kind.BOOLEAN && !resolvable.value;
}
