import { conflict, notFound, wrongField } from '@todo/service/errors';
import { answerTo, type Answered, type Once } from '@todo/service/idempotency';
import { publish } from '@todo/service/publish';
import type { Versioned } from '@todo/service/state';
import { DEAD_LETTER_SECONDS } from '@todo/service/topics';
import { changeOnce } from '../change-once.ts';
import type { AppContext } from '../context.ts';
import type { DeadLetterStatus } from '../generated/resolvers.ts';
import { findLetter } from './find.ts';
import { deadLetterKey, type KeptLetter, type ShownLetter, shown } from './dead-letter.ts';

/**
 * Publishes the event of a letter again, with its own id and key, then says so: where the service ends in between, the letter
 * stays open, and the event may be published once more. One that was replayed stays as it is.
 * @throws NOT_FOUND, CONFLICT where it was discarded, BAD_USER_INPUT where the event is not whole or no CloudEvent
 */
export async function replay(
  context: Pick<AppContext, 'state' | 'dapr'>,
  id: string,
  once: Once | undefined,
): Promise<ShownLetter> {
  // It may have come again since, which is not for the same call to replay.
  const known = once && ((await context.state.get(once.stateKey))?.value as Answered<ShownLetter> | undefined);
  const answered = answerTo(once, known);
  if (answered) return answered.answer;
  const letter = await findLetter(context, id);
  if (!letter) throw noLetter(id);
  if (letter.status === 'OPEN') {
    if (!letter.replayable)
      throw wrongField('id', 'the event is not a whole CloudEvent, so it cannot be published again: discard it');
    const event = JSON.parse(letter.payload) as { id: string };
    await publish(context.dapr, { topic: letter.topic, key: letter.key ?? letter.eventId, event });
  }
  return settle(context, letter, 'REPLAYED', once);
}

/** Says that nothing is to become of a letter. @throws NOT_FOUND, CONFLICT where it was replayed */
export async function discard(
  context: Pick<AppContext, 'state'>,
  id: string,
  once: Once | undefined,
): Promise<ShownLetter> {
  const letter = await findLetter(context, id);
  if (!letter) throw noLetter(id);
  return settle(context, letter, 'DISCARDED', once);
}

const noLetter = (id: string): Error => notFound(`there is no dead letter ${id}`);

/** Where it came again meanwhile, it is open again, and stays so. The answer is kept: it has the beginning of the payload. */
function settle(
  { state }: Pick<AppContext, 'state'>,
  { id, letter }: KeptLetter,
  status: DeadLetterStatus,
  once: Once | undefined,
): Promise<ShownLetter> {
  const key = deadLetterKey(id);
  return changeOnce(state, { keys: [key], once }, (found) => {
    const known = found.get(key) as Versioned<KeptLetter> | undefined;
    if (!known) throw noLetter(id);
    const { value, etag } = known;
    if (value.status === status || value.letter !== letter) return { operations: [], answer: shown(value) };
    if (value.status !== 'OPEN') throw conflict(`dead letter ${id} is ${value.status.toLowerCase()} already`);
    const settled: KeptLetter = { ...value, status };
    const operations = [{ op: 'replace', key, value: settled, etag, ttlSeconds: DEAD_LETTER_SECONDS } as const];
    return { operations, answer: shown(settled) };
  });
}
