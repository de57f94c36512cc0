import { getArgumentValues, GraphQLError, type GraphQLObjectType } from 'graphql';
import { collectFields } from '../executor/collect.ts';
import type { PreparedOperation } from '../operations/prepare.ts';

/** A subscription's one field (GraphQL spec, 5.2.4.1), by name, and its arguments, null where not given. */
export type RootField = { field: string; args: Record<string, unknown> };

/** Finds it. Throws a GraphQLError where the subscription selects none. */
export function rootField({ supergraph, execution, coerced }: PreparedOperation): RootField {
  const { schema } = supergraph;
  const { operation, fragments, variables } = execution;
  const root = schema.getSubscriptionType() as GraphQLObjectType;
  const selecting = { schema, fragments, variables: { ...coerced, ...variables } };
  const selected = [{ selectionSet: operation.selectionSet, type: root }];
  const [occurrences] = collectFields(selecting, selected, undefined).values();
  const { node, definition } = occurrences?.[0] ?? {};
  if (!node || !definition)
    throw new GraphQLError('the subscription selects no field', { extensions: { code: 'BAD_REQUEST' } });
  const args: Record<string, unknown> = {};
  for (const { name } of definition.args) args[name] = null;
  return { field: node.name.value, args: Object.assign(args, getArgumentValues(definition, node, coerced)) };
}
