import type { DocumentWrite } from '@todo/service/documents';
import { conflict } from '@todo/service/errors';
import { answerTo, type Answered, keepAnswer, type Once } from '@todo/service/idempotency';
import { StaleState, type StateOperation, type StateStore, type Versioned } from '@todo/service/state';

/** How often a change is tried again when others change the same documents meanwhile. */
const ATTEMPTS = 5;

/** What is written, all of it or nothing, and what is answered then. */
export type Change<Answer> = { operations: StateOperation[]; answer: Answer };

/**
 * Reads documents, decides, and writes, once: what the same call was answered before is given again. Decides anew where
 * others were faster.
 * @throws CONFLICT where the idempotency key was used for something else, or others are faster again and again
 */
export async function changeOnce<Answer>(
  state: StateStore<unknown>,
  { keys, once }: { keys: readonly string[]; once?: Once | undefined },
  decide: (found: Map<string, Versioned<unknown>>) => Change<Answer>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await state.getMany(once ? [...keys, once.stateKey] : keys);
    const answered = answerTo(once, once && (found.get(once.stateKey)?.value as Answered<Answer> | undefined));
    if (answered) return answered.answer;
    const { operations, answer } = decide(found);
    const all = [...operations, ...keepAnswer(once, answer)];
    try {
      if (all.length > 0) await state.transact(all);
      return answer;
    } catch (error) {
      if (!(error instanceof StaleState)) throw error;
      if (attempt === ATTEMPTS) throw conflict('someone else changed this at the same time: read it again');
    }
  }
}

/** Writes a document that was read as `known`, or not found. */
export const writeOf = (key: string, known: Versioned<unknown> | undefined, value: unknown): DocumentWrite =>
  known ? { op: 'replace', key, value, etag: known.etag } : { op: 'create', key, value };
