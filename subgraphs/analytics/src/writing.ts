import type { EntityManager } from '@mikro-orm/postgresql';
import type { AppContext } from './context.ts';

/** Any number, the same in all replicas: who holds this advisory lock writes. */
const LOCK = 7_201_503;

/**
 * Runs `work` in a transaction of its own, one writer at a time. Every bulk changes the figures of all owners together, so
 * that writers would wait for one another all the same; and a rebuild must see facts that stay as they are.
 */
export function writing<T>({ orm }: Pick<AppContext, 'orm'>, work: (em: EntityManager) => Promise<T>): Promise<T> {
  return orm.em.fork().transactional(async (em) => {
    await em.execute('select pg_advisory_xact_lock(?)', [LOCK]);
    return work(em);
  });
}
