import type { GraphQLError, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { Data } from './place.ts';

/** One operation for one subgraph. */
export type SubgraphRequest = {
  subgraph: string;
  kind: 'query' | 'mutation' | 'subscription';
  query: string;
  operationName: string | undefined;
  variables: Data;
};

/** What a subgraph answered: a GraphQL response. */
export type SubgraphResponse = { data?: Data | null; errors?: readonly GraphQLFormattedError[] };

/** Sends an operation to a subgraph. Throws a GraphQLError where there is no GraphQL response to be had. */
export type FetchSubgraph = (request: SubgraphRequest) => Promise<SubgraphResponse>;

/** One execution of a query plan. */
export type Run = {
  /** With the types that the API hides: plans speak of those too. */
  supergraphSchema: GraphQLSchema;
  /** As the client gave them: a subgraph applies the defaults itself. */
  variables: Data;
  /** With the operation's defaults: for conditions. */
  defaultedVariables: Data;
  fetchSubgraph: FetchSubgraph;
  /** The names that clients know, by names that only the plan uses. */
  responseNames: ReadonlyMap<string, string>;
  /** Filled as the plan is executed. */
  errors: GraphQLError[];
};
