import type { GraphQLResolveInfo, SelectionSetNode } from 'graphql';

/** Whether a field of this name is asked for somewhere within the field that is being resolved. */
export function asksFor({ fieldNodes, fragments }: GraphQLResolveInfo, name: string): boolean {
  const seen = new Set<string>();
  const isWithin = (set: SelectionSetNode | undefined): boolean =>
    set?.selections.some((selection) => {
      if (selection.kind === 'Field') return selection.name.value === name || isWithin(selection.selectionSet);
      if (selection.kind === 'InlineFragment') return isWithin(selection.selectionSet);
      const fragment = selection.name.value;
      if (seen.has(fragment)) return false;
      seen.add(fragment);
      return isWithin(fragments[fragment]?.selectionSet);
    }) ?? false;
  return fieldNodes.some((node) => isWithin(node.selectionSet));
}
