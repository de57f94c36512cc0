import { celEnv, isCelError, parse, plan, type CelInput } from '@bufbuild/cel';

/** A parsed CEL expression, or a part of one. */
export type Expression = NonNullable<ReturnType<typeof parse>['expr']>;

/** Yields an expression's value. Throws where it has none. */
type Evaluate = (bindings: Record<string, unknown>) => unknown;

export const environment = celEnv();

/** Plans an expression once, for any number of evaluations. */
export function evaluation(expression: Expression): Evaluate {
  const evaluate = plan(environment, expression);
  return (bindings) => {
    const result = evaluate(bindings as Record<string, CelInput>);
    if (isCelError(result)) throw new Error(result.message);
    return result;
  };
}
