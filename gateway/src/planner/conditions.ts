import {
  getNamedType,
  isAbstractType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../executor/collect.ts';

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * Selects `__typename` of the objects of which everything may be skipped, or nothing can apply to any. Apollo's planner leaves out
 * a field of which nothing remains, as `a @include(if: $v) { b @skip(if: $v) }`: its value would be null, where it is an
 * object without fields, and a mutation would not be made.
 */
export function withSomethingSelected(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  const fragments = fragmentsOf(document);
  const known = new Map<string, boolean>();
  const objectTypes = (name: string | undefined): string[] => {
    const type = name === undefined ? undefined : schema.getType(name);
    return isAbstractType(type) ? schema.getPossibleTypes(type).map((each) => each.name) : type ? [type.name] : [];
  };
  /** `types`: what the object may be here. */
  const always = ({ selections }: SelectionSetNode, types: string[]): boolean =>
    selections.some((selection) => {
      if (selection.directives?.length) return false;
      if (selection.kind === Kind.FIELD) return true;
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (!fragment) return false;
      const condition = fragment.typeCondition && objectTypes(fragment.typeCondition.name.value);
      const left = condition ? types.filter((type) => condition.includes(type)) : types;
      if (left.length === 0) return false;
      if (fragment.kind === Kind.INLINE_FRAGMENT) return always(fragment.selectionSet, left);
      // A fragment may stand in many places.
      const key = [fragment.name.value, ...left].join(' ');
      const found = known.get(key) ?? always(fragment.selectionSet, left);
      known.set(key, found);
      return found;
    });
  const info = new TypeInfo(schema);
  const Field = ({ selectionSet, ...field }: FieldNode): FieldNode | undefined =>
    selectionSet && !always(selectionSet, objectTypes(getNamedType(info.getType())?.name))
      ? { ...field, selectionSet: { ...selectionSet, selections: [TYPENAME, ...selectionSet.selections] } }
      : undefined;
  return visit(document, visitWithTypeInfo(info, { Field }));
}

/**
 * Has inline fragments that have conditions but name no type, as `... @skip(if: $v) { a }`, name the type that they stand on.
 * Apollo's planner gives two fields that cannot be merged names of their own, but does not find the way to them through such a fragment.
 */
export function withTypedConditions(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  const types = new TypeInfo(schema);
  const InlineFragment = (fragment: InlineFragmentNode): InlineFragmentNode | undefined => {
    const parent = types.getParentType();
    if (fragment.typeCondition || !fragment.directives?.length || !parent) return undefined;
    const name = { kind: Kind.NAME, value: parent.name } as const;
    return { ...fragment, typeCondition: { kind: Kind.NAMED_TYPE, name } };
  };
  return visit(document, visitWithTypeInfo(types, { InlineFragment }));
}
