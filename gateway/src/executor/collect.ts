import {
  GraphQLError,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { getOwn, type Data } from './place.ts';
import { isSubtype } from './rewrites.ts';

/** A document's fragments by name. */
export function fragmentsOf({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> {
  return new Map(
    definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
}

/** What shaping looks things up in. */
export type Selecting = { schema: GraphQLSchema; fragments: Map<string, FragmentDefinitionNode>; variables: Data };

/** A place in the operation where a field is selected on `parent`, and what the object's type says of it. */
export type Occurrence = {
  node: FieldNode;
  parent: GraphQLCompositeType;
  definition: GraphQLField<unknown, unknown> | undefined;
};

/** A selection set, and the type that it is written for. */
export type Selected = { selectionSet: SelectionSetNode | undefined; type: GraphQLCompositeType };

/**
 * The fields that apply to an object, by response name, with every occurrence (GraphQL spec, CollectFields).
 * `typeName` is the object's `__typename` where the data has one.
 */
export function collectFields(
  selecting: Selecting,
  selected: readonly Selected[],
  typeName: string | undefined,
): Map<string, Occurrence[]> {
  const known = typeName === undefined ? undefined : selecting.schema.getType(typeName);
  const objectType = isObjectType(known) ? known : undefined;
  const collecting: Collecting = { ...selecting, typeName, objectType, fields: new Map(), visited: new Set() };
  for (const { selectionSet, type } of selected) collect(collecting, selectionSet?.selections ?? [], type);
  return collecting.fields;
}

type Collecting = Selecting & {
  typeName: string | undefined;
  objectType: GraphQLObjectType | undefined;
  fields: Map<string, Occurrence[]>;
  visited: Set<string>;
};

function collect(collecting: Collecting, selections: readonly SelectionNode[], parent: GraphQLCompositeType): void {
  const { schema, typeName, objectType, fields, visited } = collecting;
  for (const selection of selections) {
    if (isSkipped(collecting, selection)) continue;
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      const name = selection.name.value;
      // A type may promise more of a field than its interface does, such as that it is never null.
      const definition = (objectType && definitionOf(schema, objectType, name)) ?? definitionOf(schema, parent, name);
      const occurrence = { node: selection, parent, definition };
      const field = fields.get(key);
      if (field) field.push(occurrence);
      else fields.set(key, [occurrence]);
      continue;
    }
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? collecting.fragments.get(selection.name.value) : selection;
    if (!fragment) continue;
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      // Once each, or spreads of spreads would take exponential time. Whether it applies may depend on the parent.
      const visit = `${selection.name.value} ${typeName ?? parent.name}`;
      if (visited.has(visit)) continue;
      visited.add(visit);
    }
    const condition = fragment.typeCondition ? schema.getType(fragment.typeCondition.name.value) : parent;
    if (!isCompositeType(condition) || !applies(schema, condition, typeName, parent)) continue;
    collect(collecting, fragment.selectionSet.selections, condition);
  }
}

/** Without a `__typename` in the data the declared type must settle it. */
function applies(
  schema: GraphQLSchema,
  condition: GraphQLCompositeType,
  typeName: string | undefined,
  parent: GraphQLCompositeType,
): boolean {
  const type = typeName === undefined ? parent : schema.getType(typeName);
  return !!type && isSubtype(schema, condition, type);
}

function definitionOf(schema: GraphQLSchema, parent: GraphQLCompositeType, name: string): Occurrence['definition'] {
  if (parent === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}

/**
 * Whether @skip or @include leaves a selection out.
 * @throws GraphQLError BAD_USER_INPUT where the variable that decides is null, in place of its default
 */
export function isSkipped(
  { variables }: Pick<Selecting, 'variables'>,
  { directives }: Pick<SelectionNode, 'directives'>,
): boolean {
  return (directives ?? []).some((directive) => {
    const name = directive.name.value;
    if (name !== 'skip' && name !== 'include') return false;
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    const condition =
      value?.kind === Kind.VARIABLE ? getOwn(variables, value.name.value) : value?.kind === Kind.BOOLEAN && value.value;
    if (typeof condition !== 'boolean')
      throw new GraphQLError(`the condition of @${name} must not be null`, {
        nodes: directive,
        extensions: { code: 'BAD_USER_INPUT' },
      });
    return name === 'skip' ? condition : !condition;
  });
}
