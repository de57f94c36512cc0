import {
  getArgumentValues,
  getNamedType,
  getNullableType,
  GraphQLError,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { isSkipped } from '../../executor/collect.ts';
import type { CostRules, ListSize } from '../../supergraph/cost-rules.ts';

/** What an operation is costed with. `variables` are coerced, defaults included. */
type Costing = {
  schema: GraphQLSchema;
  fragments: Map<string, FragmentDefinitionNode>;
  variables: Record<string, unknown>;
  rules: CostRules;
  /** How many objects a list is taken to have of which nothing is said. */
  defaultListSize: number;
};

const MUTATION_COST = 10;
type Sizes = ReadonlyMap<string, number>;
const NO_SIZES: Sizes = new Map();

/**
 * The static cost of a valid operation, by Apollo's reading of the IBM cost specification: an object costs 1, a leaf
 * nothing, a mutation 10 more; `@cost` says otherwise; a list costs its elements. Of the types that an abstract type may
 * turn out to be, the dearest counts. A field counts wherever it is selected. Takes time linear in the expanded operation.
 * @throws GraphQLError BAD_USER_INPUT where a field needs exactly one slicing argument
 */
export function costOf(costing: Costing, operation: OperationDefinitionNode): number {
  const root = costing.schema.getRootType(operation.operation);
  if (!root) throw new Error(`the schema has no ${operation.operation} type`);
  const base = operation.operation === 'mutation' ? MUTATION_COST : 0;
  return base + costOfObject(costing, operation.selectionSet, root, NO_SIZES, 0);
}

/** `weight` is the object's own, where its field says it. */
function costOfObject(
  costing: Costing,
  selectionSet: SelectionSetNode,
  type: GraphQLCompositeType,
  sizes: Sizes,
  weight: number | undefined,
): number {
  // What is selected on fewer types than `type` allows, by those types.
  const narrowed = new Map<ReadonlySet<string>, number>();
  const common = costOfSelections(costing, selectionSet, type, sizes, undefined, narrowed);
  const weightOf = (name: string): number => weight ?? costing.rules.weights.get(name) ?? 1;
  if (!isAbstractType(type)) return common + weightOf(type.name);
  let dearest = 0;
  for (const { name } of costing.schema.getPossibleTypes(type)) {
    let cost = common + weightOf(name);
    for (const [types, part] of narrowed) if (types.has(name)) cost += part;
    dearest = Math.max(dearest, cost);
  }
  return dearest;
}

/** The cost of what is selected on all types of a scope; what is selected on fewer goes to `narrowed`. */
function costOfSelections(
  costing: Costing,
  { selections }: SelectionSetNode,
  type: GraphQLCompositeType,
  sizes: Sizes,
  scope: ReadonlySet<string> | undefined,
  narrowed: Map<ReadonlySet<string>, number>,
): number {
  let total = 0;
  for (const selection of selections) {
    if (isSkipped(costing, selection)) continue;
    if (selection.kind === Kind.FIELD) {
      total += costOfField(costing, selection, type, sizes);
      continue;
    }
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? costing.fragments.get(selection.name.value) : selection;
    const condition = fragment?.typeCondition ? costing.schema.getType(fragment.typeCondition.name.value) : type;
    if (!fragment || !isCompositeType(condition)) continue;
    const within = narrow(costing.schema, scope, type, condition, narrowed);
    const cost = costOfSelections(costing, fragment.selectionSet, condition, sizes, within, narrowed);
    if (within === scope) total += cost;
    else if (within) narrowed.set(within, (narrowed.get(within) ?? 0) + cost);
  }
  return total;
}

/** The types of a scope that meet a condition: the scope itself where all do. Equal ones are one set, so that they are few. */
function narrow(
  schema: GraphQLSchema,
  scope: ReadonlySet<string> | undefined,
  type: GraphQLCompositeType,
  condition: GraphQLCompositeType,
  known: Map<ReadonlySet<string>, number>,
): ReadonlySet<string> | undefined {
  if (condition === type) return scope;
  const from = scope ?? typesOf(schema, type);
  const meeting = typesOf(schema, condition);
  const common = new Set([...from].filter((name) => meeting.has(name)));
  if (common.size === from.size) return scope;
  for (const set of known.keys())
    if (set.size === common.size && [...set].every((name) => common.has(name))) return set;
  return common;
}

function typesOf(schema: GraphQLSchema, type: GraphQLCompositeType): ReadonlySet<string> {
  return new Set(isAbstractType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : [type.name]);
}

function costOfField(costing: Costing, node: FieldNode, parent: GraphQLCompositeType, sizes: Sizes): number {
  const name = node.name.value;
  const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
  // `__typename` and introspection: no subgraph is asked.
  if (!definition) return 0;
  const { rules } = costing;
  const given = getArgumentValues(definition, node, costing.variables);
  const coordinates = coordinatesOf(costing.schema, parent, name);
  const named = getNamedType(definition.type);
  const weight = dearestWeight(rules, coordinates, isCompositeType(named) ? (rules.weights.get(named.name) ?? 1) : 0);
  const limits = coordinates.flatMap((coordinate) => rules.listSizes.get(coordinate) ?? []);
  const own = limits.filter(({ sizedFields }) => sizedFields.length === 0);
  const inner = new Map<string, number>();
  for (const limit of limits) {
    const size = sizeBy(limit, definition, node, given, costing);
    for (const field of limit.sizedFields) inner.set(field, Math.max(inner.get(field) ?? 0, size));
  }
  const size = sizes.get(name) ?? Math.max(-1, ...own.map((limit) => sizeBy(limit, definition, node, given, costing)));
  const count = countOf(definition.type, size < 0 ? costing.defaultListSize : size, costing.defaultListSize);
  const each =
    node.selectionSet && isCompositeType(named)
      ? costOfObject(costing, node.selectionSet, named, inner, weight)
      : (weight ?? rules.weights.get(named.name) ?? 0);
  let cost = count * each;
  for (const argument of definition.args)
    cost += costOfInput(rules, argument.type, given[argument.name], `${parent.name}.${name}(${argument.name}:)`);
  return cost;
}

/** Where rules of a field may stand: of an interface's field, at the types that implement it. */
function coordinatesOf(schema: GraphQLSchema, parent: GraphQLCompositeType, field: string): string[] {
  const types = isInterfaceType(parent) ? [parent, ...schema.getPossibleTypes(parent)] : [parent];
  return types.map((type) => `${type.name}.${field}`);
}

function dearestWeight(rules: CostRules, coordinates: string[], otherwise: number): number | undefined {
  const weights = coordinates.flatMap((coordinate) => rules.weights.get(coordinate) ?? []);
  if (weights.length === 0) return undefined;
  // An interface itself has no weight.
  return Math.max(...weights, ...(weights.length < coordinates.length - 1 ? [otherwise] : []));
}

function sizeBy(
  limit: ListSize,
  { name, args }: GraphQLField<unknown, unknown>,
  node: FieldNode,
  given: Record<string, unknown>,
  { defaultListSize }: Costing,
): number {
  const isGiven = (path: string): boolean => {
    const [root] = path.split('.');
    return (node.arguments ?? []).some((argument) => argument.name.value === root) && isSize(valueAt(given, path));
  };
  const explicit = limit.slicingArguments.filter(isGiven);
  const slicing =
    explicit.length > 0 ? explicit : limit.slicingArguments.filter((path) => isSize(valueAt(given, path)));
  if (limit.requiresOne && limit.slicingArguments.length > 0 && slicing.length !== 1) {
    const known = limit.slicingArguments.filter((path) =>
      args.some((argument) => argument.name === path.split('.')[0]),
    );
    throw new GraphQLError(`the field "${name}" needs exactly one of ${known.join(', ')}`, {
      nodes: node,
      extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
    });
  }
  const sizes = slicing.map((path) => Math.max(0, valueAt(given, path) as number));
  return sizes.length > 0 ? Math.max(...sizes) : (limit.assumedSize ?? defaultListSize);
}

function valueAt(given: Record<string, unknown>, path: string): unknown {
  let value: unknown = given;
  for (const key of path.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return value;
}

function isSize(value: unknown): value is number {
  return typeof value === 'number';
}

/** How many elements a field has: of lists in a list the default. */
function countOf(type: GraphQLOutputType, size: number, inner: number): number {
  const nullable = getNullableType(type);
  return isListType(nullable) ? size * countOf(nullable.ofType, inner, inner) : 1;
}

function costOfInput(rules: CostRules, type: GraphQLInputType, value: unknown, coordinate: string): number {
  if (value === undefined || value === null) return 0;
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const elements = Array.isArray(value) ? (value as unknown[]) : [value];
    return elements.reduce<number>((sum, element) => sum + costOfInput(rules, nullable.ofType, element, coordinate), 0);
  }
  if (!isInputObjectType(nullable)) return rules.weights.get(coordinate) ?? 0;
  let cost = rules.weights.get(coordinate) ?? 1;
  for (const field of Object.values(nullable.getFields()))
    cost += costOfInput(
      rules,
      field.type,
      (value as Record<string, unknown>)[field.name],
      `${nullable.name}.${field.name}`,
    );
  return cost;
}
