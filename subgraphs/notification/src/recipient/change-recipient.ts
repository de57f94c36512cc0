import type { Once } from '@todo/service/idempotency';
import type { StateOperation } from '@todo/service/state';
import { changeOnce, writeOf } from '../change-once.ts';
import type { AppContext } from '../context.ts';
import { newRecipient, type Recipient, recipientKey } from './recipient.ts';

/** What a change makes of a recipient (the same, where nothing is to change), and what is answered. */
type Change<Answer> = { recipient: Recipient; answer: Answer; also?: StateOperation[] };

/**
 * Changes what is known of a user, once: what the same call was answered before is given again. Who is not known yet
 * begins with the defaults.
 * @throws CONFLICT where the idempotency key was used for something else
 */
export function changeRecipient<Answer>(
  { state }: Pick<AppContext, 'state'>,
  { ownerId, once }: { ownerId: string; once?: Once | undefined },
  decide: (recipient: Recipient, now: Date) => Change<Answer>,
): Promise<Answer> {
  const key = recipientKey(ownerId);
  return changeOnce(state, { keys: [key], once }, (found) => {
    const known = found.get(key);
    const current = (known?.value as Recipient | undefined) ?? newRecipient(ownerId);
    const { recipient, answer, also = [] } = decide(current, new Date());
    return { operations: [...(recipient === current ? [] : [writeOf(key, known, recipient)]), ...also], answer };
  });
}
