import type { EntityManager } from '@mikro-orm/postgresql';
import type { AppContext } from './context.ts';

/** Any number, the same in all replicas: who holds this advisory lock writes. */
export const WRITING_LOCK = 7_201_503;

/** A writer that waits so long for its turn gives up, and one that is frozen so long loses it. */
const PATIENCE = '5s';

/**
 * Runs `work` in a transaction of its own, one writer at a time. Every bulk changes the figures of all owners together, so
 * that writers would wait for one another all the same; and a rebuild must see facts that stay as they are.
 * @throws where another writer takes too long: what is to be written should come again
 */
export function writing<T>({ orm }: Pick<AppContext, 'orm'>, work: (em: EntityManager) => Promise<T>): Promise<T> {
  return orm.em.fork().transactional(async (em) => {
    await em.execute(
      `select set_config('lock_timeout', ?, true), set_config('idle_in_transaction_session_timeout', ?, true),
         pg_advisory_xact_lock(?)`,
      [PATIENCE, PATIENCE, WRITING_LOCK],
    );
    return work(em);
  });
}
