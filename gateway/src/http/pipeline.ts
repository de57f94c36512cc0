import type { ApolloServer } from '@apollo/server';
import type { Observe } from '../observe/observe.ts';
import type { Admit } from '../operations/admit.ts';
import type { OperationContext } from '../operations/server.ts';
import type { Shortcut } from '../operations/shortcut.ts';
import type { ArrivalOf, CallerOf } from './callers.ts';

/** What every operation passes, in this order, whatever its transport; `observe` is told of its end. */
export type Pipeline = {
  arrivalOf: ArrivalOf;
  callerOf: CallerOf;
  admit: Admit;
  operations: ApolloServer<OperationContext>;
  /** Stands for `operations` where it can. */
  shortcut: Shortcut;
  observe: Observe;
};
