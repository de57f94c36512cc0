import {
  GraphQLError,
  Kind,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/**
 * A validation rule: an operation selects at most `max` fields, counting a fragment's wherever it is spread. Planning
 * expands fragments, and fragments that spread others twice grow exponentially with their number.
 */
export function selectionLimit(max: number): ValidationRule {
  return (context) => ({
    OperationDefinition: (node) => {
      if (countOf(context, node.selectionSet, new Map()) <= max) return;
      context.reportError(
        new GraphQLError(`the operation selects more than ${max} fields once its fragments are expanded`, {
          nodes: node,
        }),
      );
    },
  });
}

/** `known` counts each fragment once. Sums beyond what a number holds are Infinity: still more than allowed. */
function countOf(
  context: ValidationContext,
  { selections }: SelectionSetNode,
  known: Map<FragmentDefinitionNode, number>,
): number {
  let count = 0;
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD)
      count += 1 + (selection.selectionSet ? countOf(context, selection.selectionSet, known) : 0);
    else if (selection.kind === Kind.INLINE_FRAGMENT) count += countOf(context, selection.selectionSet, known);
    else {
      const fragment = context.getFragment(selection.name.value);
      if (!fragment) continue;
      // A fragment within itself is another rule's to report; 0 ends the descent.
      if (!known.has(fragment)) {
        known.set(fragment, 0);
        known.set(fragment, countOf(context, fragment.selectionSet, known));
      }
      count += known.get(fragment) as number;
    }
  }
  return count;
}
