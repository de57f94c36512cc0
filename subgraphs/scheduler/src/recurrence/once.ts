import type { DocumentWrite } from '@todo/service/documents';
import { conflict } from '@todo/service/errors';
import { answerTo, type Answered, keepAnswer, onceOf } from '@todo/service/idempotency';
import { StaleState } from '@todo/service/state';
import type { GraphQLResolveInfo } from 'graphql';
import type { RequestContext } from '../context.ts';

/**
 * Runs a mutation that changes nothing more when it is run again, and keeps its answer by its idempotency key.
 * @throws CONFLICT where the key was used for something else, or someone else changed the series at the same time
 */
export async function answerOnce<T>(
  context: RequestContext,
  args: { idempotencyKey?: string | null },
  info: GraphQLResolveInfo,
  run: () => Promise<T>,
): Promise<T> {
  const once = onceOf(context, args, info);
  const before = async () => once && answerTo(once, (await context.documents.get<Answered<T>>(once.stateKey))?.value);
  const known = await before();
  if (known) return known.answer;
  const answer = await run().catch((error: unknown) => {
    if (!(error instanceof StaleState)) throw error;
    throw conflict('the series was changed by someone else at the same time: try again');
  });
  try {
    for (const write of keepAnswer(once, answer)) await context.documents.save(write as DocumentWrite);
    return answer;
  } catch (error) {
    if (!(error instanceof StaleState)) throw error;
    // The same call ran twice at once, and the other one was first.
    return (await before())?.answer ?? answer;
  }
}
