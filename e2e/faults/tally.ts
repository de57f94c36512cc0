import type { Outcome } from './request.ts';

/** What became of many requests. */
export type Summary = {
  requests: number;
  ok: number;
  /** How many had an error of a code; a request whose errors have several counts under each. */
  errors: Record<string, number>;
  /** How many found nobody, by what the connection said. */
  cut: Record<string, number>;
  hung: number;
  untyped: string[];
  /** The longest time without a request that succeeded, in seconds. */
  downSeconds: number;
};

export type Tally = { record: (outcome: Outcome) => void; summary: () => Summary };

const count = (counts: Record<string, number>, code: string): void => void (counts[code] = (counts[code] ?? 0) + 1);

/** More than these say nothing new. */
const MAX_TEXTS = 20;

/** Counts outcomes from now on. */
export function createTally(now: () => number = () => performance.now()): Tally {
  const summary: Summary = { requests: 0, ok: 0, errors: {}, cut: {}, hung: 0, untyped: [], downSeconds: 0 };
  let lastOk = now();
  const gap = (): number => (now() - lastOk) / 1000;
  return {
    record: (outcome) => {
      summary.requests += 1;
      if (outcome.kind === 'ok') {
        summary.ok += 1;
        summary.downSeconds = Math.max(summary.downSeconds, gap());
        lastOk = now();
      } else if (outcome.kind === 'error') for (const code of new Set(outcome.codes)) count(summary.errors, code);
      else if (outcome.kind === 'cut') count(summary.cut, outcome.code);
      else if (outcome.kind === 'hung') summary.hung += 1;
      else if (summary.untyped.length < MAX_TEXTS) summary.untyped.push(outcome.text);
    },
    summary: () => summary,
  };
}
