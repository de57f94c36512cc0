import type { Range } from './range.ts';

/** A stretch of a period, without `to` itself, in milliseconds; and whether coarse figures are read of it. */
export type Part = { period: number; isCoarse: boolean; from: number; to: number };

/** What coarse figures are kept by: the begin of the one that an instant is in, and that of the one after it. */
type Unit = { startOf: (at: number) => number; next: (at: number) => number };

const HOUR_MS = 3_600_000;
export const hours: Unit = { startOf: (at) => at - (at % HOUR_MS), next: (at) => hours.startOf(at) + HOUR_MS };
/** In UTC. */
export const months: Unit = { startOf: (at) => startOfMonth(at, 0), next: (at) => startOfMonth(at, 1) };

function startOfMonth(at: number, ahead: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead);
}

/**
 * Cuts periods into whole units that are over by now, of which coarse figures are read, and what is left before and after
 * them, of which fine ones are. So at most three parts a period are read, however long it is.
 */
export function partsOf(starts: Range['starts'], unit: Unit, now: number): Part[] {
  return starts.slice(0, -1).flatMap((from, period) => {
    const to = starts[period + 1] as number;
    const begin = unit.startOf(from) === from ? from : unit.next(from);
    const end = unit.startOf(Math.min(to, now));
    const parts =
      begin < end
        ? [
            { period, isCoarse: false, from, to: begin },
            { period, isCoarse: true, from: begin, to: end },
            { period, isCoarse: false, from: end, to },
          ]
        : [{ period, isCoarse: false, from, to }];
    return parts.filter((part) => part.from < part.to);
  });
}
