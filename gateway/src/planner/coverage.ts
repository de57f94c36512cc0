import type { FetchNode, PlanNode, SubscriptionNode } from '@apollo/query-planner';
import {
  getNamedType,
  type GraphQLError,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';
import { fragmentsOf } from '../executor/collect.ts';
import { isSubtype, rewrittenName } from '../executor/rewrites.ts';
import { refusal } from '../refusal.ts';

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** The abstract types that no object type is of. */
export function typesWithoutObjects(schema: GraphQLSchema): Set<GraphQLNamedType> {
  return new Set(
    Object.values(schema.getTypeMap()).filter(
      (type) => isAbstractType(type) && schema.getPossibleTypes(type).length === 0,
    ),
  );
}

/**
 * Refuses an operation of which the plan fetches a part only: the planner leaves out a field whose type no object can
 * be of (`empty`), where no subgraph has all that is selected of it. The client would get a null that nobody answered.
 */
export function checkCoverage(
  schema: GraphQLSchema,
  empty: ReadonlySet<GraphQLNamedType>,
  operation: OperationDefinitionNode,
  fragments: Fragments,
  plan: PlanNode | SubscriptionNode | undefined,
): void {
  const root = schema.getRootType(operation.operation);
  if (empty.size === 0 || !root) return;
  const fetched = fetchedPaths(plan);
  const check = (selections: readonly SelectionNode[], parent: GraphQLNamedType, path: string): void => {
    for (const selection of selections) {
      // What may not apply may be left out.
      if (selection.directives?.length) continue;
      if (selection.kind === Kind.FIELD) {
        const definition =
          isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[selection.name.value] : undefined;
        const type = getNamedType(definition?.type);
        if (!type || !isCompositeType(type)) continue;
        const at = `${path}/${selection.alias?.value ?? selection.name.value}`;
        if (empty.has(type) && !fetched.has(at)) throw notResolvable(parent, selection.name.value, type);
        check(selection.selectionSet?.selections ?? [], type, at);
        continue;
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      const condition = fragment?.typeCondition ? schema.getType(fragment.typeCondition.name.value) : parent;
      if (fragment && condition && isSubtype(schema, condition, parent))
        check(fragment.selectionSet.selections, condition, path);
    }
  };
  check(operation.selectionSet.selections, root, '');
}

function notResolvable(parent: GraphQLNamedType, field: string, type: GraphQLNamedType): GraphQLError {
  return refusal(
    'GRAPHQL_VALIDATION_FAILED',
    `${parent.name}.${field} cannot be resolved with this selection: no object is a ${type.name}, and no subgraph that has the field knows all that is selected of it`,
  );
}

/** The response paths of all that a plan fetches, list positions left out. */
function fetchedPaths(plan: PlanNode | SubscriptionNode | undefined): Set<string> {
  const paths = new Set<string>();
  const add = (node: PlanNode | SubscriptionNode | undefined, path: string): void => {
    switch (node?.kind) {
      case 'Sequence':
      case 'Parallel':
        return node.nodes.forEach((child) => add(child, path));
      case 'Flatten':
        return add(node.node, [path, ...node.path.filter((step) => step !== '@')].join('/'));
      case 'Condition':
        add(node.ifClause, path);
        return add(node.elseClause, path);
      case 'Subscription':
        add(node.primary, path);
        return add(node.rest, path);
      case 'Fetch':
        return addFetch(paths, node, path);
    }
  };
  add(plan, '');
  return paths;
}

function addFetch(paths: Set<string>, { operation, requires, outputRewrites }: FetchNode, at: string): void {
  const document = parse(operation, { noLocation: true });
  const fragments = fragmentsOf(document);
  const add = (selections: readonly SelectionNode[], path: string): void => {
    for (const selection of selections) {
      let field = path;
      if (selection.kind === Kind.FIELD) {
        field += `/${rewrittenName(outputRewrites, selection.alias?.value ?? selection.name.value)}`;
        paths.add(field);
      }
      const inner = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      add(inner?.selectionSet?.selections ?? [], field);
    }
  };
  const root =
    document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)?.selectionSet.selections ?? [];
  // An entity's fields stand where the entity does.
  const [entities] = root;
  add((requires && entities?.kind === Kind.FIELD && entities.selectionSet?.selections) || root, at);
}
