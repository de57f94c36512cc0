import { parse } from '@bufbuild/cel';
import type { Identity } from '@todo/service/identity';
import { environment, evaluation, type Expression } from './cel.ts';
import type { CloudEvent } from './event.ts';
import { indexOf, type FilterIndex } from './filter-index.ts';

/** Whether an event is for a subscriber. Throws where that cannot be told: a value that is not there, or no boolean. */
type Filter = (event: CloudEvent, identity: Identity | undefined, args: Record<string, unknown>) => boolean;

/** A filter, and what tells without it whom an event can be for, if there is such a thing. */
export type CompiledFilter = { accepts: Filter; index: FilterIndex | undefined };

const VARIABLES = new Set(['event', 'identity', 'args']);
/** Operators that the library evaluates itself, as some of their operands may stay unevaluated: they are no functions. */
const LAZY = new Set(['_[_]', '_?_:_', '_&&_', '_||_', '@not_strictly_false', '__not_strictly_false__']);

/**
 * Compiles a CEL expression over `event` (the CloudEvent), `identity` (null for an anonymous subscriber) and `args`
 * (the field's arguments, null where not given).
 * @throws Error saying what is wrong with the expression
 */
export function compileFilter(source: string, argumentNames: readonly string[]): CompiledFilter {
  const { expr } = parse(source);
  if (!expr) throw new Error('it is empty');
  checkNames(expr, new Set(argumentNames), new Set());
  const evaluate = evaluation(expr);
  const accepts: Filter = (event, identity, args) => {
    const result = evaluate({ event, identity: identity ?? null, args });
    if (typeof result !== 'boolean') throw new Error('the filter does not yield a boolean');
    return result;
  };
  return { accepts, index: indexOf(expr) };
}

/** The library resolves names only as it evaluates; a misspelt one must not wait for the first event. */
function checkNames(expression: Expression | undefined, argumentNames: Set<string>, local: Set<string>): void {
  const descend = (child: Expression | undefined, names = local): void => checkNames(child, argumentNames, names);
  const kind = expression?.exprKind;
  switch (kind?.case) {
    case 'identExpr':
      if (!VARIABLES.has(kind.value.name) && !local.has(kind.value.name))
        throw new Error(`unknown name "${kind.value.name}": there are event, identity and args`);
      return;
    case 'selectExpr': {
      const { operand, field } = kind.value;
      const isArgument = operand?.exprKind.case === 'identExpr' && operand.exprKind.value.name === 'args';
      if (isArgument && !local.has('args') && !argumentNames.has(field)) throw new Error(`unknown argument "${field}"`);
      return descend(operand);
    }
    case 'callExpr': {
      const { function: name, target, args } = kind.value;
      if (!LAZY.has(name) && !environment.funcs.find(name)) throw new Error(`unknown function "${name}"`);
      descend(target);
      return args.forEach((arg) => descend(arg));
    }
    case 'listExpr':
      return kind.value.elements.forEach((element) => descend(element));
    case 'structExpr':
      return kind.value.entries.forEach((entry) => {
        if (entry.keyKind.case === 'mapKey') descend(entry.keyKind.value);
        descend(entry.value);
      });
    case 'comprehensionExpr': {
      const { iterRange, accuInit, loopCondition, loopStep, result, iterVar, accuVar } = kind.value;
      descend(iterRange);
      descend(accuInit);
      const inner = new Set([...local, iterVar, accuVar]);
      return [loopCondition, loopStep, result].forEach((part) => descend(part, inner));
    }
    default:
      return;
  }
}
