import {
  getNamedType,
  getOperationAST,
  type GraphQLError,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionNode,
} from 'graphql';
import { fragmentsOf } from '../executor/collect.ts';
import { refusal } from '../refusal.ts';
import type { Access } from './access.ts';

const MAX_COPIES = 2000;
const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

type Filtering = {
  schema: GraphQLSchema;
  fragments: Map<string, FragmentDefinitionNode>;
  access: Access;
  /** How many fields may still be selected again, for one more type: within each other they multiply. */
  left: number;
  /** How many of the selections around are such copies. */
  copies: number;
};

type Objects = readonly GraphQLObjectType[];

/**
 * Takes out of a valid operation what a caller may not see, so that it is never fetched. Where that depends on an
 * object's type, a field is selected for the types of which it may be seen. Fragments are put in place, introspection
 * is left to whoever shapes the response.
 * @throws GraphQLError where a subscription's field is withheld, or more than `maxCopies` fields would have to be selected again, for one
 * more type
 */
export function filterOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  access: Access,
  maxCopies: number = MAX_COPIES,
): DocumentNode {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!root) throw new Error('the operation was not found valid');
  const filtering: Filtering = { schema, fragments: fragmentsOf(document), access, left: maxCopies, copies: 0 };
  const selections = filter(filtering, operation.selectionSet.selections, root, [root]);
  if (selections.length === 0 && operation.operation === 'subscription')
    throw access.refusal(`${root.name}.${firstField(filtering, operation.selectionSet.selections)}`);
  return {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, selectionSet: setOf(selections) }],
  };
}

/** `objects` are the types that an object can be of, here: those of all type conditions around. */
function filter(
  filtering: Filtering,
  selections: readonly SelectionNode[],
  parent: GraphQLCompositeType,
  objects: Objects,
): SelectionNode[] {
  return selections.flatMap((selection): readonly SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return filterField(filtering, selection, parent, objects);
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? filtering.fragments.get(selection.name.value) : selection;
    const condition = fragment?.typeCondition ? filtering.schema.getType(fragment.typeCondition.name.value) : parent;
    if (!fragment || !isCompositeType(condition)) return [];
    const matching = objectsOf(filtering.schema, condition).filter((type) => objects.includes(type));
    const kept = filter(filtering, fragment.selectionSet.selections, condition, matching);
    return kept.length === 0 ? [] : [on(condition, kept, selection.directives)];
  });
}

function filterField(
  filtering: Filtering,
  field: FieldNode,
  parent: GraphQLCompositeType,
  objects: Objects,
): readonly SelectionNode[] {
  const { name } = field;
  if (name.value === '__typename') return objects.length > 0 ? [counted(filtering, field)] : [];
  const allowed = objects.filter((type) => !filtering.access.deniesField(type.name, name.value));
  if (allowed.length === objects.length && objects.length > 0) return select(filtering, field, parent);
  return allowed.flatMap((type, i) => {
    if (i > 0) filtering.copies++;
    const selected = select(filtering, field, type);
    if (i > 0) filtering.copies--;
    return selected.length === 0 ? [] : [on(type, selected)];
  });
}

/** The field as it is selected of a type, with what may be seen of what it returns. */
function select(filtering: Filtering, field: FieldNode, parent: GraphQLCompositeType): FieldNode[] {
  const definition = 'getFields' in parent ? parent.getFields()[field.name.value] : undefined;
  if (!definition) return []; // introspection
  counted(filtering, field);
  if (!field.selectionSet) return [field];
  const returned = getNamedType(definition.type as GraphQLOutputType) as GraphQLCompositeType;
  const objects = objectsOf(filtering.schema, returned);
  const selections = filter(filtering, field.selectionSet.selections, returned, objects);
  // Whoever shapes the response has to know which object is of which type.
  const decides = isAbstractType(returned) && objects.some((type) => isRestricted(filtering.access, type));
  return [{ ...field, selectionSet: setOf(decides ? [TYPENAME, ...selections] : selections) }];
}

function counted(filtering: Filtering, field: FieldNode): FieldNode {
  if (filtering.copies > 0 && filtering.left-- === 0) throw tooMany();
  return field;
}

function isRestricted(access: Access, type: GraphQLObjectType): boolean {
  return (
    access.deniesType(type.name) || Object.keys(type.getFields()).some((name) => access.deniesField(type.name, name))
  );
}

function objectsOf(schema: GraphQLSchema, type: GraphQLCompositeType): Objects {
  return isObjectType(type) ? [type] : schema.getPossibleTypes(type);
}

/** A selection set must not be empty. */
function setOf(selections: readonly SelectionNode[]) {
  return { kind: Kind.SELECTION_SET as const, selections: selections.length > 0 ? selections : [TYPENAME] };
}

function on(
  { name }: GraphQLCompositeType,
  selections: readonly SelectionNode[],
  directives?: InlineFragmentNode['directives'],
): InlineFragmentNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } },
    directives,
    selectionSet: setOf(selections),
  };
}

function firstField(filtering: Filtering, selections: readonly SelectionNode[]): string {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) return selection.name.value;
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? filtering.fragments.get(selection.name.value) : selection;
    const found = fragment && firstField(filtering, fragment.selectionSet.selections);
    if (found) return found;
  }
  return '';
}

function tooMany(): GraphQLError {
  return refusal(
    'GRAPHQL_VALIDATION_FAILED',
    'the operation selects too many fields of objects whose type decides whether you may see them: select fewer, or name the types',
  );
}
