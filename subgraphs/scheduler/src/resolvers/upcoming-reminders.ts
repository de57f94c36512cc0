import { badInput, requireIdentity } from '@todo/service/errors';
import { z } from 'zod';
import type { RequestContext } from '../context.ts';
import type { UserResolvers } from '../generated/resolvers.ts';
import { type Hints, upcomingKey } from '../hints.ts';
import { type ReminderOfTask, toCome } from '../reminder.ts';
import { wrong } from './reminder-input.ts';

const MAX_PAGE = 100;
const DAY_MS = 24 * 60 * 60 * 1000;
/** How far ahead is looked, in days, and how many of them are read at once: more and more, as most have much that is near. */
const DAYS = 366;
const DAYS_AT_ONCE = [2, 6, 28, 110, 220];

/** Where a reminder stands among others. */
type Position = { at: string; id: string };
type Upcoming = ReminderOfTask & { at: string };

const isAfter = (a: Position, b: Position): boolean => a.at > b.at || (a.at === b.at && a.id > b.id);

/** A user's reminders to come, by time. They are for that user alone: the reference itself proves nothing. */
export const upcomingReminders: UserResolvers['upcomingReminders'] = async (user, { first, after }, context) => {
  const { sub: ownerId } = requireIdentity(context);
  if (first < 1 || first > MAX_PAGE) throw wrong('first', `must be 1 to ${MAX_PAGE}`);
  const now = { at: new Date().toISOString(), id: '' };
  const given = after == null ? now : decodeCursor(after);
  const start = isAfter(given, now) ? given : now;
  const found: Upcoming[] = [];
  if (user.id === ownerId)
    for await (const reminder of remindersAfter(context, ownerId, start, Date.parse(now.at) + DAYS * DAY_MS)) {
      found.push(reminder);
      if (found.length > first) break;
    }
  const nodes = found.slice(0, first);
  const edges = nodes.map((node) => ({ node, cursor: encodeCursor(node) }));
  return {
    nodes,
    edges,
    pageInfo: {
      hasNextPage: found.length > first,
      hasPreviousPage: after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
};

/** An owner's reminders behind a position, in order, as the tasks' own documents bear them out. */
async function* remindersAfter(
  context: RequestContext,
  ownerId: string,
  start: Position,
  end: number,
): AsyncGenerator<Upcoming> {
  let day = Math.floor(Date.parse(start.at) / DAY_MS);
  for (const days of DAYS_AT_ONCE) {
    if (day * DAY_MS > end) return;
    const keys = Array.from({ length: days }, (_, i) =>
      upcomingKey(ownerId, new Date((day + i) * DAY_MS).toISOString().slice(0, 10)),
    );
    const documents = await context.documents.getMany<Hints>(keys);
    const hints = [...documents.values()]
      .flatMap(({ value }) => Object.entries(value))
      .filter(([, { at }]) => at >= start.at)
      .sort(([, a], [, b]) => a.at.localeCompare(b.at));
    yield* inOrder(context, hints, start);
    day += days;
  }
}

async function* inOrder(
  context: RequestContext,
  hints: [string, { taskId: string; at: string }][],
  start: Position,
): AsyncGenerator<Upcoming> {
  for (let i = 0; i < hints.length;) {
    // Those of one instant stand in the order of their ids, which only the tasks' documents know.
    let end = Math.min(i + MAX_PAGE, hints.length);
    while (end < hints.length && hints[end]?.[1].at === hints[end - 1]?.[1].at) end += 1;
    const some = hints.slice(i, end);
    const tasks = await context.schedules.loadMany(some.map(([, { taskId }]) => taskId));
    const reminders = some.flatMap(([job, { taskId }], j): Upcoming[] => {
      const task = tasks[j];
      if (task instanceof Error) throw task;
      const reminder = toCome(task ?? undefined).get(job);
      return reminder ? [{ ...reminder, taskId }] : [];
    });
    yield* reminders.filter((one) => isAfter(one, start)).sort((a, b) => (isAfter(a, b) ? 1 : -1));
    i = end;
  }
}

const cursorSchema = z.tuple([z.iso.datetime(), z.string().max(200)]);

const encodeCursor = ({ at, id }: Position): string => Buffer.from(JSON.stringify([at, id])).toString('base64url');

function decodeCursor(cursor: string): Position {
  try {
    const [at, id] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { at, id };
  } catch {
    const message = 'is no cursor of this list';
    throw badInput(`after: ${message}`, [{ field: 'after', message }]);
  }
}
