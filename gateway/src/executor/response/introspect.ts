import { executeSync, Kind, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import type { Occurrence, Selecting } from '../collect.ts';
import type { Run } from '../run.ts';

type Introspected = Pick<Selecting, 'fragments'> & { schema: GraphQLSchema; operation: OperationDefinitionNode };

/** `__schema` and `__type` are the gateway's own to answer: no subgraph knows the whole schema. */
export function introspect(
  { schema, operation, fragments }: Introspected,
  occurrences: Occurrence[],
  key: string,
): (run: Run) => string {
  const selections = occurrences.map(({ node }) => node);
  const document = {
    kind: Kind.DOCUMENT as const,
    definitions: [
      { ...operation, selectionSet: { kind: Kind.SELECTION_SET as const, selections } },
      ...fragments.values(),
    ],
  };
  return ({ variables }) => {
    const { data, errors } = executeSync({ schema, document, rootValue: {}, variableValues: variables });
    if (errors?.[0]) throw errors[0];
    return JSON.stringify(data?.[key] ?? null);
  };
}
