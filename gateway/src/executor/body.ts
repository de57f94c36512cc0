import type { FetchNode } from '@apollo/query-planner';
import { jsonText } from './json-text.ts';
import { getOwn } from './place.ts';
import type { Run } from './run.ts';

/** The JSON text of a fetch's request; `more` is text of variables beside the client's. */
export type BodyOf = (run: Pick<Run, 'variables'>, more?: string) => string;

/** Everything that is the same each time is text already; only variables are spliced in. */
export function compileBody({ operation, operationName, variableUsages, contextRewrites }: FetchNode): BodyOf {
  const start = `${JSON.stringify({ query: operation, operationName }).slice(0, -1)},"variables":{`;
  const names = (variableUsages ?? [])
    // Arguments from a context are the plan's: no client sets them.
    .filter((name) => !contextRewrites?.some(({ renameKeyTo }) => renameKeyTo === name));
  const fields = names.map((name) => [name, `${JSON.stringify(name)}:`] as const);
  return ({ variables }, more = '') => {
    let text = start;
    let separator = '';
    for (const [name, field] of fields) {
      const value = getOwn(variables, name);
      if (value === undefined) continue;
      text += separator + field + jsonText(value);
      separator = ',';
    }
    return more === '' ? `${text}}}` : `${text}${separator}${more}}}`;
  };
}
