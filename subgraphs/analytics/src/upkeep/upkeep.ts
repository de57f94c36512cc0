import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from '@todo/service/logger';
import type { Stop } from '@todo/service/shutdown';
import { REMEMBER_SECONDS } from '@todo/service/topics';
import { writing } from '../writing.ts';
import { keepMonths } from './months.ts';

const HOUR_MS = 60 * 60 * 1000;
/** Rows of one transaction: writers wait for it. */
const BATCH = 2_000;
/** Longer than any report goes back. */
const KEEP_FACTS_YEARS = 6;

/** How long what is kept: see the configuration. */
type Retention = { historyDays: number };

/**
 * Makes the months ahead, and forgets what is older than it is kept: history by whole months, marks of events that cannot
 * come again, and tasks that nothing became of for years, with their figures. Replicas take turns.
 */
export async function upkeep(orm: MikroORM, { historyDays }: Retention, now = new Date()): Promise<void> {
  await writing({ orm }, (em) => keepMonths(em, now, historyDays));
  await inBatches(orm, (em) =>
    em.execute<{ affectedRows: number }>(
      `delete from event_inbox where event_id in (
         select event_id from event_inbox where received_at < ?::timestamptz - make_interval(secs => ?)
         order by received_at limit ${BATCH})`,
      [now.toISOString(), REMEMBER_SECONDS],
      'run',
    ),
  );
  await inBatches(orm, (em) =>
    em.execute<{ affectedRows: number }>(
      `delete from task_fact where id in (
         select id from task_fact
         where greatest(changed_at, due_at, completed_at, created_at) < ?::timestamptz - make_interval(years => ?)
           and changed_at < ?::timestamptz - make_interval(years => ?)
           and (deleted_at is not null or status in ('COMPLETED', 'CANCELLED'))
         order by changed_at limit ${BATCH})`,
      [now.toISOString(), KEEP_FACTS_YEARS, now.toISOString(), KEEP_FACTS_YEARS],
      'run',
    ),
  );
}

async function inBatches(orm: MikroORM, run: (em: EntityManager) => Promise<{ affectedRows: number }>): Promise<void> {
  while ((await writing({ orm }, run)).affectedRows === BATCH);
}

/** Sees to the upkeep now, in the background, and then every hour: a service may start while a rebuild has writers wait. */
export function startUpkeep(orm: MikroORM, retention: Retention, logger: Logger): Stop {
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    try {
      await upkeep(orm, retention);
    } catch (error) {
      logger.warn({ err: error }, 'upkeep failed, the next one is in an hour');
    } finally {
      running = undefined;
    }
  };
  running = run();
  const timer = setInterval(() => (running ??= run()), HOUR_MS);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
