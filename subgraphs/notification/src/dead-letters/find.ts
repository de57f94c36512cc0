import type { Versioned } from '@todo/service/state';
import type { AppContext } from '../context.ts';
import { deadLetterKey, type KeptLetter } from './dead-letter.ts';

/** As `deadLetterId` makes them. */
const ID = /^[A-Za-z0-9_-]{43}$/;

/** One dead letter, whole: undefined where there is none of that id. */
export async function findLetter({ state }: Pick<AppContext, 'state'>, id: string): Promise<KeptLetter | undefined> {
  const known = ID.test(id) ? await state.get(deadLetterKey(id)) : undefined;
  return (known as Versioned<KeptLetter> | undefined)?.value;
}
