import { type MikroORM, sql } from '@mikro-orm/postgresql';
import { isBehind, type Order, type PageArguments, pageOf, rowsToRead, toConnection } from '@todo/service/paging';
import type { AppContext } from '../context.ts';
import type { DeadLetterStatus } from '../generated/resolvers.ts';
import { MAX_SHOWN_PAYLOAD, type ShownLetter } from './dead-letter.ts';

const latestFirst: Order<ShownLetter> = {
  name: 'latest',
  direction: 'desc',
  type: 'timestamptz',
  key: (alias) => `${alias}.received_at`,
  keyOf: ({ receivedAt }) => receivedAt,
};

/**
 * One page of the dead letters: which they are is the read side's to say, what they hold the documents'. Their payloads are
 * cut off in the database: a page of whole ones may have 100 MiB.
 */
export async function listLetters(
  { orm }: Pick<AppContext, 'orm'>,
  { status, topic, ...args }: PageArguments & { status: DeadLetterStatus; topic?: string | null },
): Promise<ReturnType<typeof toConnection<ShownLetter>>> {
  const page = pageOf(args, latestFirst);
  const ofTopic = topic == null ? sql`true` : sql`d.topic = ${topic.replaceAll('\u0000', '').toWellFormed()}`;
  const rows = await orm.em.fork().execute<{ letter: ShownLetter }[]>(
    sql`select doc || jsonb_build_object(
        'payload', left(doc->>'payload', ${MAX_SHOWN_PAYLOAD}),
        'payloadTruncated', length(doc->>'payload') > ${MAX_SHOWN_PAYLOAD}) as letter
      from (
        select d.id, d.received_at from dead_letter d
        where d.status = ${status} and ${ofTopic} and ${isBehind(page, 'd')}
        order by d.received_at desc, d.id desc limit ${rowsToRead(page)}
      ) listed
      join state s on s.key = 'dead-letter-' || listed.id and (s.expires_at is null or s.expires_at > now())
      cross join lateral (select convert_from(s.value, 'UTF8')::jsonb as doc) document
      order by listed.received_at desc, listed.id desc`,
  );
  return toConnection(
    rows.map(({ letter }) => letter),
    page,
  );
}

/** How many are neither replayed nor discarded. */
export async function countOpen(orm: MikroORM): Promise<number> {
  const [{ open }] = await orm.em
    .fork()
    .execute<[{ open: number }]>(`select count(*)::integer as open from dead_letter where status = 'OPEN'`);
  return open;
}
