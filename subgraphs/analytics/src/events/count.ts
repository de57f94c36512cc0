import type { DomainEvent } from '@todo/service/events';
import { enterInbox } from '@todo/service/inbox';
import type { AppContext } from '../context.ts';

/** Counts an event on its day, once however often it comes: the inbox entry and the count are one SQL transaction. */
export async function count(
  { orm }: AppContext,
  event: DomainEvent<'task.created' | 'task.completed'>,
  column: 'created' | 'completed',
): Promise<void> {
  await orm.em.fork().transactional(async (em) => {
    const execute = async (sql: string, parameters: unknown[]): Promise<number> =>
      (await em.execute<{ affectedRows: number }>(sql, parameters, 'run')).affectedRows;
    if (!(await enterInbox(execute, event))) return;
    await execute(
      `insert into daily_activity as a (owner_id, day, ${column}) values (?, (?::timestamptz at time zone 'UTC')::date, 1)
       on conflict (owner_id, day) do update set ${column} = a.${column} + 1`,
      [event.data.ownerId, event.time],
    );
  });
}
