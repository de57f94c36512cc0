import type { ReceivedLetter } from '@todo/service/dead-letters';
import { StaleState, type Versioned } from '@todo/service/state';
import { DEAD_LETTER_SECONDS } from '@todo/service/topics';
import { z } from 'zod';
import { writeOf } from '../change-once.ts';
import type { AppContext } from '../context.ts';
import { metrics } from '../metrics.ts';
import { type KeptLetter, deadLetterId, deadLetterKey } from './dead-letter.ts';

const MAX_TEXT = 1_000;
/** Characters: a message of the broker has no more, and a state transaction takes it whatever they are. */
const MAX_PAYLOAD = 1_000_000;
/** What the database can hold. */
const storable = (text: string): string => text.replaceAll('\u0000', '\uFFFD').toWellFormed();
const short = (text: string): string => storable(text.slice(0, MAX_TEXT));

/**
 * Keeps a dead letter for the operator. The same letter may come twice; one of an event that was replayed in vain opens it
 * again, and counts. An older one changes nothing.
 */
export async function keepLetter({ state }: Pick<AppContext, 'state'>, received: ReceivedLetter): Promise<void> {
  const { topic, consumer, event } = received;
  const eventId = short(idOf(event) ?? received.letter);
  const id = deadLetterId(topic, consumer, eventId);
  const key = deadLetterKey(id);
  const known = (await state.get(key)) as Versioned<KeptLetter> | undefined;
  if (known && !isLater(received, known.value)) return;
  const payload = received.truncated ? storable(String(event)) : JSON.stringify(event ?? null);
  const isWhole = !received.truncated && payload.length <= MAX_PAYLOAD;
  const value: KeptLetter = {
    id,
    eventId,
    topic,
    consumer: consumer === null ? null : short(consumer),
    key: received.key === null ? null : storable(received.key),
    reason: short(received.reason),
    attempts: (known?.value.attempts ?? 0) + 1,
    payload: payload.slice(0, MAX_PAYLOAD).toWellFormed(),
    replayable: isWhole && cloudEvent.safeParse(event).success,
    status: 'OPEN',
    receivedAt: new Date().toISOString(),
    letter: received.letter,
  };
  try {
    await state.transact([{ ...writeOf(key, known, value), ttlSeconds: DEAD_LETTER_SECONDS }]);
  } catch (error) {
    // Another replica has it; whatever else it was, it comes again.
    if (!(error instanceof StaleState)) throw error;
    const now = (await state.get(key)) as Versioned<KeptLetter> | undefined;
    if (now?.value.letter !== received.letter) throw error;
    return;
  }
  metrics.deadLetters.inc({ topic });
}

/** What a broker's other consumers need of an event (CloudEvents 1.0, section "Required attributes"). */
const attribute = z.string().min(1);
const cloudEvent = z.object({ specversion: z.literal('1.0'), type: attribute, source: attribute, id: attribute });

/** Services tell their letters by time; those of sidecars are told by offset. What cannot be compared is later, if it differs. */
function isLater({ consumer, letter }: ReceivedLetter, known: KeptLetter): boolean {
  const placeOf = consumer === null ? (text: string) => Number.parseInt(text, 10) : Date.parse;
  return letter !== known.letter && !(placeOf(letter) < placeOf(known.letter));
}

function idOf(event: unknown): string | undefined {
  const { id } = (typeof event === 'object' && event !== null ? event : {}) as { id?: unknown };
  return typeof id === 'string' && id !== '' ? id : undefined;
}
