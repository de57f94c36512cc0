import { badInput, requireIdentity } from '@todo/service/errors';
import { answerTo, type Answered, keepAnswer, type Once, onceOf, partOf } from '@todo/service/idempotency';
import { forEach } from '@todo/service/limit';
import { StaleState } from '@todo/service/state';
import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { type Change, changeTask } from '../change.ts';
import type { RequestContext } from '../context.ts';
import type { MutationResolvers, ResolversTypes } from '../generated/resolvers.ts';
import type { TaskDocument } from '../task.ts';
import { statusChange } from './change-status.ts';
import { deletion } from './delete-task.ts';

const MAX_TASKS = 100;
/** How many are changed at the same time. */
const AT_ONCE = 8;

type Args = { ids: string[]; idempotencyKey?: string | null };
type Outcome = Awaited<ResolversTypes['TaskOutcome']>;
type Decide = (task: TaskDocument, now: string) => Change | null;

export const completeTasks: MutationResolvers['completeTasks'] = (_, args, context, info) =>
  changeMany(args, context, info, (task, now) => statusChange(task, 'COMPLETED', now));

export const deleteTasks: MutationResolvers['deleteTasks'] = async (_, args, context, info) => {
  const outcomes = await changeMany(args, context, info, deletion);
  return outcomes.map((outcome) => ({ ...outcome, task: null }));
};

/**
 * Changes tasks, each in a transaction of its own; outcomes in the order of `ids`. Of a call that is repeated, what was
 * done is not done again, and what was left undone is.
 */
async function changeMany(
  args: Args,
  context: RequestContext,
  info: GraphQLResolveInfo,
  decide: Decide,
): Promise<Outcome[]> {
  const { sub: ownerId } = requireIdentity(context);
  if (args.ids.length < 1 || args.ids.length > MAX_TASKS) {
    const message = `must be 1 to ${MAX_TASKS} ids`;
    throw badInput(`ids: ${message}`, [{ field: 'ids', message }]);
  }
  const once = onceOf(context, args, info);
  await claim(context, once);
  const outcomes = new Map<string, Outcome>();
  await forEach([...new Set(args.ids)], AT_ONCE, async (id) => {
    outcomes.set(id, await changeOne(context, { id, ownerId, once: partOf(once, id) }, decide));
  });
  return args.ids.map((id) => outcomes.get(id) as Outcome);
}

async function changeOne(
  context: RequestContext,
  target: Parameters<typeof changeTask>[1],
  decide: Decide,
): Promise<Outcome> {
  const { id } = target;
  try {
    return { id, task: await changeTask(context, target, decide), error: null };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { id, task: null, error: { code: String(error.extensions['code']), message: error.message } };
  }
}

/** Has the key stand for these arguments from now on. @throws CONFLICT where it stands for others */
async function claim({ state }: RequestContext, once: Once | undefined): Promise<void> {
  if (!once) return;
  const known = async () => answerTo(once, (await state.get(once.stateKey))?.value as Answered<null> | undefined);
  if (await known()) return;
  try {
    await state.transact(keepAnswer(once, null));
  } catch (error) {
    if (!(error instanceof StaleState)) throw error;
    await known();
  }
}
