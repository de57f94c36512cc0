import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Access } from '../authorization/access.ts';
import { note } from './answer.ts';
import type { CompiledOperation } from './compile.ts';
import type { Data } from './place.ts';
import { startWriting, type Writing } from './response/writing.ts';
import { responseData } from './response-data.ts';
import type { FetchSubgraph, Run } from './run.ts';
import { createSharing } from './sharing.ts';

/** An operation that is ready to be executed. */
export type Execution = {
  compiled: CompiledOperation;
  /** As the client gave them, already found valid. */
  variables: Data;
  /** What is known before the plan runs: of a subscription, what the event says. */
  data?: Data;
  /** Says what the caller may not see: the same as the operation was compiled for. */
  access?: Access | undefined;
  fetchSubgraph: FetchSubgraph;
};

/**
 * Executes an operation; the data of its result are text already (ResponseData). Never rejects: what fails is among the
 * result's errors, those of subgraphs each with `path`, `extensions.code` and `extensions.service`. Where a value is missing
 * or of a wrong type and no error tells of it, `extensions.valueCompletion` does.
 */
export async function executePlan(execution: Execution): Promise<ExecutionResult> {
  const { compiled, variables, data = {}, access, fetchSubgraph } = execution;
  const defaultedVariables = compiled.withDefaults(variables);
  const run: Run = {
    variant: compiled.variants.of(defaultedVariables),
    variables,
    defaultedVariables,
    fetchSubgraph,
    access,
    data,
    sharing: createSharing(),
    asked: new Map(),
    errors: [],
  };
  const done = compiled.step?.(run);
  if (done) await done;
  const writing = startWriting(run);
  const text = written(run, writing);
  const errors = writing.withheld.size === 0 ? run.errors : [...run.errors, ...writing.withheld.values()];
  const unexplained = withoutExplained(writing.faults, errors);
  return {
    ...(errors.length > 0 && { errors }),
    data: text === undefined ? null : responseData(text),
    ...(unexplained.length > 0 && { extensions: { valueCompletion: unexplained } }),
  };
}

/**
 * The text of the data; undefined where they come to null: also where they cannot be written, as they are too long, or a
 * condition is null (BAD_USER_INPUT).
 */
function written(run: Run, writing: Writing): string | undefined {
  try {
    return run.variant.write(run.data, writing, 0);
  } catch (error) {
    note(run, error);
    return undefined;
  }
}

/** The faults of values that no error tells of: neither at their place, nor above it or below. */
function withoutExplained(faults: readonly GraphQLError[], errors: readonly GraphQLError[]): readonly GraphQLError[] {
  if (faults.length === 0 || errors.length === 0) return faults;
  const places = new Set(errors.map(({ path = [] }) => path.join('.')));
  const around = new Set(errors.flatMap(({ path = [] }) => placesAbove(path)));
  return faults.filter(({ path = [] }) => {
    const place = path.join('.');
    return !around.has(place) && !placesAbove(path).some((above) => places.has(above));
  });
}

/** A place and those that it is within; the root is none of them. */
function placesAbove(path: readonly (string | number)[]): string[] {
  return path.map((_step, i) => path.slice(0, i + 1).join('.'));
}
