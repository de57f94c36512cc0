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
  return limit(Math.max, max, (depth) => `the operation is ${depth} levels deep; at most ${max} are allowed`);
}

/**
 * A validation rule: an operation selects at most `max` fields, counting a fragment's wherever it is spread. Planning
 * expands fragments, and fragments that spread others twice grow exponentially with their number.
 */
export function selectionLimit(max: number): ValidationRule {
  return limit(
    (a, b) => a + b,
    max,
    () => `the operation selects more than ${max} fields once its fragments are expanded`,
  );
}

type Combine = (a: number, b: number) => number;

function limit(combine: Combine, max: number, message: (measured: number) => string): ValidationRule {
  return (context) => ({
    OperationDefinition: (node) => {
      const measured = measure(context, node.selectionSet, combine, new Map());
      if (measured > max) context.reportError(new GraphQLError(message(measured), { nodes: node }));
    },
  });
}

/**
 * A field measures one and what it selects; `combine` puts siblings together. `known` measures each fragment once:
 * spread many times over, fragments would take exponential time. A sum beyond what a number holds is Infinity.
 */
function measure(
  context: ValidationContext,
  { selections }: SelectionSetNode,
  combine: Combine,
  known: Map<FragmentDefinitionNode, number>,
): number {
  let total = 0;
  for (const selection of selections) {
    let measured = 0;
    if (selection.kind === Kind.FIELD) {
      measured = 1 + (selection.selectionSet ? measure(context, selection.selectionSet, combine, known) : 0);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      measured = measure(context, selection.selectionSet, combine, known);
    } else {
      const fragment = context.getFragment(selection.name.value);
      if (!fragment) continue;
      // A fragment within itself is another rule's to report; 0 ends the descent.
      if (!known.has(fragment)) {
        known.set(fragment, 0);
        known.set(fragment, measure(context, fragment.selectionSet, combine, known));
      }
      measured = known.get(fragment) as number;
    }
    total = combine(total, measured);
  }
  return total;
}
