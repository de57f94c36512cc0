import type { GraphQLError, GraphQLSchema } from 'graphql';
import type { Data } from '../../executor/place.ts';
import type { SubgraphResponse } from '../../executor/run.ts';

/** One operation for one subgraph. */
export type ReferenceRequest = {
  subgraph: string;
  kind: 'query' | 'mutation' | 'subscription';
  query: string;
  operationName: string | undefined;
  variables: Data;
};

/** One execution of a query plan. */
export type Run = {
  /** With the types that the API hides: plans speak of those too. */
  supergraphSchema: GraphQLSchema;
  /** As the client gave them: a subgraph applies the defaults itself. */
  variables: Data;
  /** With the operation's defaults: for conditions. */
  defaultedVariables: Data;
  fetchSubgraph: (request: ReferenceRequest) => Promise<SubgraphResponse>;
  /** The names that clients know, by names that only the plan uses. */
  responseNames: ReadonlyMap<string, string>;
  /** Filled as the plan is executed. */
  errors: GraphQLError[];
};
