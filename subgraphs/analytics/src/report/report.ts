import type { MikroORM } from '@mikro-orm/postgresql';
import { asOf } from '../clock.ts';
import {
  type Counts,
  countsByPeriod,
  countsByValue,
  type Scope,
  sumOf,
  timesByPeriod,
  type Valued,
} from './figures.ts';
import { type Histogram, merged } from './histogram.ts';
import type { Range } from './range.ts';

/** The figures of a period, or of all periods. Those of times are there where they are asked for. */
export type Figures = Counts & { times: Histogram | undefined };

/** A report, of which no more is read than is asked for. */
export type OpenReport = Range & {
  asOf: string;
  figures: (withTimes: boolean) => Promise<Figures[]>;
  total: (withTimes: boolean) => Promise<Figures>;
  byPriority: () => Promise<Valued[]>;
  byTag: (first: number) => Promise<Valued[]>;
};

/** @param ownerId whose report; ORGANIZATION for that of all users */
export async function openReport(reader: MikroORM, ownerId: string, range: Range): Promise<OpenReport> {
  const scope: Scope = { reader, ownerId, range };
  const counts = once(() => countsByPeriod(scope));
  const times = once(() => timesByPeriod(scope));
  const read = (withTimes: boolean) => Promise.all([counts(), withTimes ? times() : undefined]);
  return {
    ...range,
    // Read first: what comes in meanwhile can only make the figures newer.
    asOf: await asOf(reader),
    async figures(withTimes) {
      const [all, timesOf] = await read(withTimes);
      return all.map((ofPeriod, period) => ({ ...ofPeriod, times: timesOf?.[period] }));
    },
    async total(withTimes) {
      const [all, timesOf] = await read(withTimes);
      return { ...sumOf(all), times: timesOf && merged(timesOf) };
    },
    byPriority: () => countsByValue(scope, 'priority'),
    byTag: (first) => countsByValue(scope, 'tag', first),
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}
