import { type MikroORM, sql } from '@mikro-orm/postgresql';
import { isBehind, type Order, type PageArguments, pageOf, rowsToRead, toConnection } from '@todo/service/paging';
import type { AppContext } from '../context.ts';
import type { DeadLetterStatus } from '../generated/resolvers.ts';
import { type KeptLetter, deadLetterKey } from './dead-letter.ts';

const latestFirst: Order<KeptLetter> = {
  name: 'latest',
  direction: 'desc',
  type: 'timestamptz',
  key: (alias) => `${alias}.received_at`,
  keyOf: ({ receivedAt }) => receivedAt,
};

/** One page of the dead letters: which they are is the read side's to say, what they hold the documents'. */
export async function listLetters(
  { orm, state }: Pick<AppContext, 'orm' | 'state'>,
  { status, topic, ...args }: PageArguments & { status: DeadLetterStatus; topic?: string | null },
): Promise<ReturnType<typeof toConnection<KeptLetter>>> {
  const page = pageOf(args, latestFirst);
  const ofTopic = topic == null ? sql`true` : sql`d.topic = ${topic.replaceAll('\u0000', '').toWellFormed()}`;
  const rows = await orm.em.fork().execute<{ id: string }[]>(
    sql`select d.id from dead_letter d where d.status = ${status} and ${ofTopic} and ${isBehind(page, 'd')}
      order by d.received_at desc, d.id desc limit ${rowsToRead(page)}`,
  );
  const documents = await state.getMany(rows.map(({ id }) => deadLetterKey(id)));
  const letters = rows.flatMap(({ id }) => (documents.get(deadLetterKey(id))?.value as KeptLetter | undefined) ?? []);
  return toConnection(letters, page);
}

/** How many are neither replayed nor discarded. */
export async function countOpen(orm: MikroORM): Promise<number> {
  const [{ open }] = await orm.em
    .fork()
    .execute<[{ open: number }]>(`select count(*)::integer as open from dead_letter where status = 'OPEN'`);
  return open;
}
