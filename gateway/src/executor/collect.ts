import {
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { getOwn, type Data } from './place.ts';
import { isSubtype } from './rewrites.ts';

/** What shaping looks things up in. */
export type Selecting = { schema: GraphQLSchema; fragments: Map<string, FragmentDefinitionNode>; variables: Data };

/** A place in the operation where a field is selected, and what the type that it is selected on says of it. */
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
  const fields = new Map<string, Occurrence[]>();
  const visited = new Set<string>();
  for (const { selectionSet, type } of selected)
    collect(selecting, selectionSet?.selections ?? [], type, typeName, fields, visited);
  return fields;
}

function collect(
  selecting: Selecting,
  selections: readonly SelectionNode[],
  parent: GraphQLCompositeType,
  typeName: string | undefined,
  fields: Map<string, Occurrence[]>,
  visited: Set<string>,
): void {
  for (const selection of selections) {
    if (isSkipped(selecting, selection)) continue;
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      const occurrence = {
        node: selection,
        parent,
        definition: definitionOf(selecting.schema, parent, selection.name.value),
      };
      const field = fields.get(key);
      if (field) field.push(occurrence);
      else fields.set(key, [occurrence]);
      continue;
    }
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? selecting.fragments.get(selection.name.value) : selection;
    if (!fragment) continue;
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      // Once each, or spreads of spreads would take exponential time. Whether it applies may depend on the parent.
      const visit = `${selection.name.value} ${typeName ?? parent.name}`;
      if (visited.has(visit)) continue;
      visited.add(visit);
    }
    const condition = fragment.typeCondition ? selecting.schema.getType(fragment.typeCondition.name.value) : parent;
    if (!isCompositeType(condition) || !applies(selecting.schema, condition, typeName, parent)) continue;
    collect(selecting, fragment.selectionSet.selections, condition, typeName, fields, visited);
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

/** Whether @skip or @include leaves a selection out. */
export function isSkipped({ variables }: Pick<Selecting, 'variables'>, { directives }: SelectionNode): boolean {
  return (directives ?? []).some((directive) => {
    const name = directive.name.value;
    if (name !== 'skip' && name !== 'include') return false;
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    const condition =
      value?.kind === Kind.VARIABLE
        ? getOwn(variables, value.name.value) === true
        : value?.kind === Kind.BOOLEAN && value.value;
    return name === 'skip' ? condition : !condition;
  });
}
