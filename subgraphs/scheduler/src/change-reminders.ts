import { notFound } from '@todo/service/errors';
import { answerTo, type Answered, keepAnswer, type Once } from '@todo/service/idempotency';
import { StaleState } from '@todo/service/state';
import { changeSchedule, settleJobs } from './change-schedule.ts';
import type { RequestContext } from './context.ts';
import {
  type Reminder,
  type ReminderOfTask,
  type TaskSchedule,
  type UnfiledAnswer,
  withoutOldest,
} from './reminder.ts';

/** How long an answer can be asked for again. */
const ANSWER_MS = 24 * 60 * 60 * 1000;

/** A mutation of the owner's reminders of a task, once. */
export type Mutation = { taskId: string; ownerId: string; once: Once | undefined };

/** The reminders after a mutation, and the one that it is about. */
export type Outcome = { reminders: Reminder[]; answer: Reminder };

/** What the same call was answered before, if it was. @throws CONFLICT where its key was used for something else */
export async function answerBefore(
  { documents }: Pick<RequestContext, 'documents'>,
  once: Once | undefined,
): Promise<Reminder | undefined> {
  if (!once) return undefined;
  const found = await documents.get<Answered<Reminder>>(once.stateKey);
  return answerTo(once, found?.value)?.answer;
}

/**
 * Changes a task's reminders, once: what the same call was answered before is given again. The answer is written with the
 * reminders, in one document, and kept by its key afterwards; whoever changes the document next sees to that first, so
 * that the key is known however early this ends.
 * @throws NOT_FOUND where the owner has no such task
 * @throws CONFLICT where the idempotency key was used for something else
 */
export async function changeReminders(
  context: RequestContext,
  { taskId, ownerId, once }: Mutation,
  decide: (task: TaskSchedule, now: Date) => Outcome,
): Promise<ReminderOfTask> {
  const earlier = await answerBefore(context, once);
  if (earlier) return { ...earlier, taskId };
  let answer: Reminder | undefined;
  const change = await changeSchedule(context, taskId, async (known) => {
    if (!known || known.deleted || known.ownerId !== ownerId) throw notFound(`there is no task ${taskId}`);
    const unfiled = known.answers.find(({ stateKey }) => stateKey === once?.stateKey);
    answer = answerTo(once, unfiled)?.answer;
    if (answer) return undefined;
    await Promise.all(known.answers.map((one) => file(context, one)));
    const now = new Date();
    const outcome = decide(known, now);
    ({ answer } = outcome);
    return {
      ...known,
      reminders: withoutOldest(outcome.reminders),
      answers: once ? [{ ...once, answer, givenAt: now.toISOString() }] : [],
    };
  });
  if (change.after !== change.before) {
    await Promise.all((change.after?.answers ?? []).map((one) => file(context, one)));
    // It is written, so it is done: a job that cannot be set now is set by the reconciler.
    await settleJobs(context, change).catch((error: unknown) =>
      context.logger.warn({ err: error, taskId }, 'jobs could not be set or deleted, the reconciler will'),
    );
  }
  return { ...(answer as Reminder), taskId };
}

/** Keeps an answer by its key, unless it is kept, or too old to be asked for. */
async function file({ documents }: RequestContext, one: UnfiledAnswer): Promise<void> {
  if (Date.now() - Date.parse(one.givenAt) > ANSWER_MS) return;
  for (const write of keepAnswer(one, one.answer)) {
    if (write.op !== 'create') continue;
    await documents.save(write).catch((error: unknown) => {
      if (!(error instanceof StaleState)) throw error;
    });
  }
}
