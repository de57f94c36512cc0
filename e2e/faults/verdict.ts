import type { Fault } from './faults.ts';
import type { Heard } from './subscribers.ts';
import type { Summary } from './tally.ts';

/** How much more memory a part may have afterwards: garbage is collected when it pays. */
const MAX_GROWTH = 1.5;
const FREE_MIB = 64;

/** Of all parts that ran before and after, in MiB; `grown` names those that have much more than before. */
export type MemoryChange = { before: number; after: number; grown: string[] };

/** Compares what parts have, by their names. */
export function compareMemory(before: Map<string, number>, after: Map<string, number>): MemoryChange {
  const change: MemoryChange = { before: 0, after: 0, grown: [] };
  for (const [part, was] of before) {
    const is = after.get(part);
    if (is === undefined) continue;
    change.before += was;
    change.after += is;
    if (is > was * MAX_GROWTH + FREE_MIB)
      change.grown.push(`${part} grew from ${was.toFixed(0)} to ${is.toFixed(0)} MiB`);
  }
  return change;
}

/** What may be told while something is away. Anything else says what is not so: that a task is not there, for one. */
const AWAY = new Set(['SUBGRAPH_UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'RATE_LIMIT_UNAVAILABLE']);

/** What requests met that they should not have. */
export function wrongWithRequests({ requestsMeet }: Fault, { ok, errors, cut, hung, untyped }: Summary): string[] {
  const problems: string[] = [];
  if (ok === 0) problems.push('no request succeeded');
  if (hung > 0) problems.push(`${hung} requests had no answer within their deadline`);
  if (untyped.length > 0) problems.push(`answers that say nothing: ${untyped[0]}`);
  const untrue = Object.keys(errors).filter((code) => !AWAY.has(code));
  if (untrue.length > 0) problems.push(`requests were told what is not so: ${untrue}`);
  if (requestsMeet !== 'nobody' && Object.keys(cut).length > 0)
    problems.push(`requests found nobody: ${JSON.stringify(cut)}`);
  if (requestsMeet === 'nothing' && Object.keys(errors).length > 0)
    problems.push(`requests failed: ${JSON.stringify(errors)}`);
  return problems;
}

/** What subscribers met that they should not have. */
export function wrongWithSubscribers({ mayReadAgain }: Fault, heard: Heard): string[] {
  const { doubled, missed, disordered, readAgain, failures } = heard;
  const problems = failures.slice(0, 3);
  if (doubled > 0) problems.push(`${doubled} events came twice to subscribers`);
  if (missed > 0) problems.push(`${missed} events never came to subscribers`);
  if (disordered > 0) problems.push(`${disordered} events of one task and topic came out of order`);
  const told = Object.keys(readAgain).filter((code) => !mayReadAgain || code !== 'CURSOR_TOO_OLD');
  if (told.length > 0) problems.push(`subscribers had to read again: ${JSON.stringify(readAgain)}`);
  return problems;
}
