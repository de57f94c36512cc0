import type { Identity } from '@todo/service/identity';
import { evaluation, type Expression } from './cel.ts';
import type { CloudEvent } from './event.ts';

/** Stands for whatever is no text: whether that is equal is left to the filter. */
const OTHER = Symbol('other');
export type IndexKey = string | typeof OTHER;

/**
 * The two sides of an equation that holds wherever a filter is true, as `event.data.owner == identity.sub`: for an event
 * and a subscriber with different keys the filter is not true.
 */
export type FilterIndex = {
  /** Throws where the event has no such value: the filter is true for nobody then. */
  keyOfEvent: (event: CloudEvent) => IndexKey;
  keyOfSubscriber: (identity: Identity | undefined, args: Record<string, unknown>) => IndexKey;
};

/** What tells subscribers apart; identities do so better. */
const TELLING = ['identity', 'args'];

/** Finds such an equation among the terms that `&&` joins: one side speaks of the event only, the other of the subscriber. */
export function indexOf(filter: Expression): FilterIndex | undefined {
  const equations = termsOf(filter).flatMap((term) => {
    const sides = operandsOf(term, '_==_');
    return sides.length === 2 ? [sides, sides.toReversed()] : [];
  }) as [Expression, Expression][];
  const usable = equations.filter(([one, other]) => isOf(['event'], one) && isOf(TELLING, other));
  const [ofEvent, ofSubscriber] = usable.find(([, other]) => namesIn(other).has('identity')) ?? usable[0] ?? [];
  if (!ofEvent || !ofSubscriber) return undefined;
  const [valueOfEvent, valueOfSubscriber] = [evaluation(ofEvent), evaluation(ofSubscriber)];
  // All who catch up look at the same events.
  const keys = new WeakMap<CloudEvent, IndexKey>();
  return {
    keyOfEvent: (event) => {
      let key = keys.get(event);
      if (key === undefined) keys.set(event, (key = keyOf(valueOfEvent({ event }))));
      return key;
    },
    keyOfSubscriber: (identity, args) => {
      try {
        return keyOf(valueOfSubscriber({ identity: identity ?? null, args }));
      } catch {
        return OTHER; // the filter fails then as well, which says why
      }
    },
  };
}

/** In CEL a text equals nothing but the same text. */
const keyOf = (value: unknown): IndexKey => (typeof value === 'string' ? value : OTHER);

function operandsOf({ exprKind }: Expression, operator: string): Expression[] {
  return exprKind.case === 'callExpr' && exprKind.value.function === operator ? exprKind.value.args : [];
}

function termsOf(expression: Expression): Expression[] {
  const operands = operandsOf(expression, '_&&_');
  return operands.length === 0 ? [expression] : operands.flatMap(termsOf);
}

/** Whether an expression speaks of something, and of nothing but these. */
function isOf(names: string[], expression: Expression): boolean {
  const found = [...namesIn(expression)];
  return found.length > 0 && found.every((name) => names.includes(name));
}

/** All names in a part of an expression's tree, those that it binds itself included. */
function namesIn(node: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof node !== 'object' || node === null) return found;
  const { case: kind, value } = node as { case?: unknown; value?: { name?: unknown } };
  if (kind === 'identExpr') found.add(String(value?.name));
  for (const child of Object.values(node)) namesIn(child, found);
  return found;
}
