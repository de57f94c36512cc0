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

/** The figures of a period, or of all periods. */
export type Figures = Counts & { times: () => Promise<Histogram> };

/** A report, of which no more is read than is asked for. */
export type OpenReport = Range & {
  asOf: string;
  figures: () => Promise<Figures[]>;
  total: () => Promise<Figures>;
  byPriority: () => Promise<Valued[]>;
  byTag: (first: number) => Promise<Valued[]>;
};

/** @param ownerId whose report; ORGANIZATION for that of all users */
export async function openReport(reader: MikroORM, ownerId: string, range: Range): Promise<OpenReport> {
  const scope: Scope = { reader, ownerId, range };
  const counts = once(() => countsByPeriod(scope));
  const times = once(() => timesByPeriod(scope));
  return {
    ...range,
    // Read first: what comes in meanwhile can only make the figures newer.
    asOf: await asOf(reader),
    figures: async () =>
      (await counts()).map((ofPeriod, i) => ({ ...ofPeriod, times: async () => (await times())[i] ?? [] })),
    total: async () => ({ ...sumOf(await counts()), times: async () => merged(await times()) }),
    byPriority: () => countsByValue(scope, 'priority'),
    byTag: (first) => countsByValue(scope, 'tag', first),
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}
