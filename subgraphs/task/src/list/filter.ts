import { parseInput } from '@todo/service/errors';
import { z } from 'zod';
import { rankOf } from '../entity.ts';
import type { TaskFilter } from '../generated/resolvers.ts';
import { line, tag } from '../input.ts';
import { type Status, statuses } from '../status.ts';
import { isOpen } from '../task.ts';

/** Before all due dates, which are in the years 1 to 9999. */
export const NEVER_BEFORE = '0001-01-01T00:00:00.000Z';

/** What a list of tasks is narrowed to. Instants are RFC 3339 in UTC. */
export type Filter = {
  /** Those that tasks may have: none where nothing can be found. */
  statuses: readonly Status[];
  overdue: boolean | undefined;
  /** Ranks. */
  priorities: readonly number[] | undefined;
  tags: readonly string[];
  due: { from: string; before: string } | undefined;
  search: string | undefined;
  now: string;
};

const distinct = <T>(values: T[]): T[] => [...new Set(values)];
const list = <T extends z.ZodType>(value: T, max: number) =>
  z
    .array(value)
    .min(1, 'must not be empty: leave it out instead')
    .max(max, `must be at most ${max}`)
    .transform(distinct)
    .nullish();

const filterInput = z
  .object({
    status: list(z.enum(statuses), statuses.length),
    priority: list(z.enum(['LOW', 'NORMAL', 'HIGH', 'URGENT']), 4),
    tags: list(tag, 20),
    dueFrom: z.string().nullish(),
    dueBefore: z.string().nullish(),
    overdue: z.boolean().nullish(),
    search: line(200).nullish(),
  })
  .refine(({ dueFrom, dueBefore }) => dueFrom == null || dueBefore == null || dueFrom < dueBefore, {
    path: ['dueBefore'],
    message: 'must be later than dueFrom',
  });

/**
 * Checks a filter.
 * @param now what overdue goes by
 * @throws BAD_USER_INPUT that names every field at fault, such as `filter.status`
 */
export function filterOf(input: TaskFilter | null | undefined, now: string): Filter {
  const { filter } = parseInput(z.object({ filter: filterInput }), { filter: input ?? {} });
  const { dueFrom, dueBefore, overdue } = filter;
  return {
    statuses: (filter.status ?? statuses).filter((status) => overdue !== true || isOpen({ status })),
    overdue: overdue ?? undefined,
    priorities: filter.priority?.map(rankOf),
    tags: filter.tags ?? [],
    due:
      dueFrom == null && dueBefore == null
        ? undefined
        : { from: dueFrom ?? NEVER_BEFORE, before: dueBefore ?? 'infinity' },
    search: filter.search ?? undefined,
    now,
  };
}
