import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import type { Access } from '../authorization/access.ts';
import type { Asked } from './asked.ts';
import type { Data } from './place.ts';
import type { Sharing } from './sharing.ts';
import type { Variant } from './variant.ts';

/** One operation for one subgraph: `body` is the JSON text of a GraphQL request. */
export type SubgraphRequest = {
  subgraph: string;
  kind: 'query' | 'mutation' | 'subscription';
  body: string;
};

/** What a subgraph answered: a GraphQL response. */
export type SubgraphResponse = { data?: Data | null; errors?: readonly GraphQLFormattedError[] };

/** Sends an operation to a subgraph. Throws a GraphQLError where there is no GraphQL response to be had. */
export type FetchSubgraph = (request: SubgraphRequest) => Promise<SubgraphResponse>;

/** One execution of a compiled operation. */
export type Run = {
  /** What was compiled for the conditions of this run. */
  variant: Variant;
  /** As the client gave them: a subgraph applies the defaults itself. */
  variables: Data;
  /** With the operation's defaults: for conditions. */
  defaultedVariables: Data;
  fetchSubgraph: FetchSubgraph;
  access: Access | undefined;
  /** What the answers come to. */
  data: Data;
  /** Objects that stand in several places of `data`. */
  sharing: Sharing;
  /** The entities that were asked for, by what they were asked. */
  asked: Map<string, Asked>;
  /** Filled as the plan is executed. */
  errors: GraphQLError[];
};

/** A part of a plan, ready to be executed; undefined where nothing had to be asked. Never rejects: what fails ends in `run.errors`. */
export type Step = (run: Run) => Promise<void> | undefined;
