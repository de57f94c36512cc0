import {
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

import { fragmentsOf } from '../executor/collect.ts';

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * Selects `__typename` of the objects of which everything may be skipped. Apollo's planner leaves out a field of which
 * nothing remains, as `a @include(if: $v) { b @skip(if: $v) }`: its value would be null, where it is an object without fields.
 */
export function withSomethingSelected(document: DocumentNode): DocumentNode {
  const fragments = fragmentsOf(document);
  const known = new Map<FragmentDefinitionNode, boolean>();
  const always = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      if (selection.directives?.length) return false;
      if (selection.kind === Kind.FIELD) return true;
      if (selection.kind === Kind.INLINE_FRAGMENT) return always(selection.selectionSet);
      const fragment = fragments.get(selection.name.value);
      return !!fragment && alwaysIn(fragment);
    });
  const alwaysIn = (fragment: FragmentDefinitionNode): boolean => {
    const found = known.get(fragment) ?? always(fragment.selectionSet);
    known.set(fragment, found);
    return found;
  };
  return visit(document, {
    Field: ({ selectionSet, ...field }) =>
      selectionSet && !always(selectionSet)
        ? { ...field, selectionSet: { ...selectionSet, selections: [TYPENAME, ...selectionSet.selections] } }
        : undefined,
  });
}
