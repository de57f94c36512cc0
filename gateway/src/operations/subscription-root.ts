import {
  GraphQLError,
  Kind,
  SingleFieldSubscriptionsRule,
  type ASTVisitor,
  type OperationDefinitionNode,
  type SelectionNode,
  type ValidationContext,
} from 'graphql';

/**
 * A subscription selects one field, and always the same: no `@skip` or `@include` on the first level (GraphQL spec, 5.2.4.1).
 * graphql-js 16 does not say so, and throws where such a directive has a variable.
 */
export function SubscriptionRootRule(context: ValidationContext): ASTVisitor {
  const { OperationDefinition: checkSingleField } = SingleFieldSubscriptionsRule(context) as {
    OperationDefinition: (node: OperationDefinitionNode) => void;
  };
  return {
    OperationDefinition: (node) => {
      if (node.operation !== 'subscription') return;
      const conditional = conditionalAt(context, node.selectionSet.selections, new Set());
      if (!conditional) return checkSingleField(node);
      const name = node.name ? `Subscription "${node.name.value}"` : 'Anonymous Subscription';
      const message = `${name} must not use \`@skip\` or \`@include\` directives in the top level selection.`;
      context.reportError(new GraphQLError(message, { nodes: conditional }));
    },
  };
}

function conditionalAt(
  context: ValidationContext,
  selections: readonly SelectionNode[],
  visited: Set<string>,
): SelectionNode | undefined {
  for (const selection of selections) {
    if (selection.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) return selection;
    if (selection.kind === Kind.FIELD) continue;
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      if (visited.has(selection.name.value)) continue;
      visited.add(selection.name.value);
    }
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? context.getFragment(selection.name.value) : selection;
    const found = conditionalAt(context, fragment?.selectionSet.selections ?? [], visited);
    if (found) return found;
  }
  return undefined;
}
