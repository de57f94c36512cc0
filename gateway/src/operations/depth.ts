import {
  GraphQLError,
  Kind,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/** A validation rule: fields nest no deeper than `max`. Fragments count where they are spread. */
export function depthLimit(max: number): ValidationRule {
  return (context) => ({
    OperationDefinition: (node) => {
      const depth = depthOf(context, node.selectionSet, new Map());
      if (depth <= max) return;
      context.reportError(
        new GraphQLError(`the operation is ${depth} levels deep; at most ${max} are allowed`, {
          nodes: node,
        }),
      );
    },
  });
}

/** `known` measures each fragment once: spread many times over, fragments would take exponential time. */
function depthOf(
  context: ValidationContext,
  { selections }: SelectionSetNode,
  known: Map<FragmentDefinitionNode, number>,
): number {
  let deepest = 0;
  for (const selection of selections) {
    let depth = 0;
    if (selection.kind === Kind.FIELD) {
      depth = 1 + (selection.selectionSet ? depthOf(context, selection.selectionSet, known) : 0);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      depth = depthOf(context, selection.selectionSet, known);
    } else {
      const fragment = context.getFragment(selection.name.value);
      if (!fragment) continue;
      // A fragment within itself is another rule's to report; 0 ends the descent.
      if (!known.has(fragment)) {
        known.set(fragment, 0);
        known.set(fragment, depthOf(context, fragment.selectionSet, known));
      }
      depth = known.get(fragment) as number;
    }
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
