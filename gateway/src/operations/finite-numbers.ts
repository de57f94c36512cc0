import { GraphQLError, type ASTVisitor, type ValidationContext, type ValueNode } from 'graphql';

const TOO_LARGE = 'a number that is larger than any that can be passed on';

/**
 * Literals are numbers that a double can hold. Scalars of one's own take any literal, and neither a plan nor JSON, in which
 * subgraphs are asked, can say infinity.
 */
export function FiniteNumbersRule(context: ValidationContext): ASTVisitor {
  const check = (node: ValueNode & { value: string }): void => {
    if (!Number.isFinite(Number(node.value)))
      context.reportError(new GraphQLError(`The operation has ${TOO_LARGE}.`, { nodes: node }));
  };
  return { IntValue: check, FloatValue: check };
}

/** The same for variables as they came: JSON's `1e400` is infinity, and would be passed on as null. At most as deep as is allowed. */
export function infiniteVariable(variables: Record<string, unknown>): GraphQLError | undefined {
  const name = Object.keys(variables).find((key) => holdsInfinity(variables[key]));
  if (name === undefined) return undefined;
  return new GraphQLError(`Variable "$${name}" has ${TOO_LARGE}.`, { extensions: { code: 'BAD_USER_INPUT' } });
}

function holdsInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsInfinity);
}
