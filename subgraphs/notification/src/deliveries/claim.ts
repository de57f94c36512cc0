import { setTimeout as delay } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { StaleState, type StateStore, type Versioned } from '@todo/service/state';
import { secondsLeft } from '../feed-entry.ts';
import type { Channel as ChannelName } from '../generated/resolvers.ts';
import { type Delivery, deliveryKey, withAttempt } from './delivery.ts';

/**
 * A delivery that is due, and the time that makes it so: whoever begins it moves that to the end of the lease. The database's
 * clock says what is due, so its clock says when a lease ends, too: replicas' clocks may differ from it, and one another.
 */
export type Due = { id: string; dueAt: string; ownerId: string; targetId: string | null; leaseEnd: string };

/** Ids of users and receivers that nothing is begun for. */
export type LeftOut = { owners: readonly string[]; targets: readonly string[] };

/**
 * What of a channel is due, the longest first, but for those that are left out.
 * @param leaseMs how long what is begun of it will be the replica's that asks
 */
export async function dueDeliveries(
  orm: MikroORM,
  channel: ChannelName,
  {
    limit,
    leaseMs,
    leftOut = { owners: [], targets: [] },
  }: { limit: number; leaseMs: number; leftOut?: LeftOut | undefined },
): Promise<Due[]> {
  const rows = await orm.em.fork().execute<(Due & { dueAt: Date | string; leaseEnd: Date | string })[]>(
    `select id, due_at as "dueAt", owner_id as "ownerId", target_id as "targetId",
       (now() + make_interval(secs => ?::float8))::timestamptz(3) as "leaseEnd"
     from delivery
     where channel = ? and due_at <= now()
       and owner_id not in (select json_array_elements_text(?::json))
       and (target_id is null or target_id not in (select json_array_elements_text(?::json)))
     order by due_at, id limit ?`,
    [leaseMs / 1000, channel, JSON.stringify(leftOut.owners), JSON.stringify(leftOut.targets), limit],
  );
  return rows.map(({ dueAt, leaseEnd, ...row }) => ({
    ...row,
    dueAt: new Date(dueAt).toISOString(),
    leaseEnd: new Date(leaseEnd).toISOString(),
  }));
}

/**
 * Begins deliveries: until the lease ends they are this replica's, and where nothing is written of them by then, another's.
 * Those that others began meanwhile are left out; `failed` says why some could not be begun.
 */
export async function claim(
  state: StateStore<unknown>,
  due: readonly Due[],
): Promise<{ claimed: Delivery[]; failed: unknown[] }> {
  const found = await state.getMany(due.map(({ id }) => deliveryKey(id)));
  const results = await Promise.allSettled(
    due.map(async ({ id, dueAt, leaseEnd }) => {
      const known = found.get(deliveryKey(id)) as Versioned<Delivery> | undefined;
      if (!known || known.value.dueAt !== dueAt) return [];
      const begun = withoutEnd(known.value);
      const next: Delivery = {
        ...begun,
        status: 'SENDING',
        attempted: begun.attempted + 1,
        dueAt: leaseEnd,
      };
      return (await saved(state, known.etag, next)) ? [next] : [];
    }),
  );
  return {
    claimed: results.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
    failed: results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])),
  };
}

/** Says of an attempt that was begun, and has no end, that nobody knows what became of it. */
function withoutEnd(delivery: Delivery): Delivery {
  if (delivery.status !== 'SENDING') return delivery;
  const detail = 'the sender ended before it wrote down what became of it: it may have been sent';
  const at = new Date().toISOString();
  return withAttempt(delivery, { at, outcome: 'UNKNOWN', detail }, { status: 'PENDING', dueAt: delivery.dueAt });
}

/** A delivery that was begun, and until when it is this replica's, by `performance.now()`: no clock that is set moves it. */
export type Lease = { begun: Delivery; until: number };

/**
 * Writes what became of a delivery that this replica began: false where its lease is over, and another one has it.
 * @throws where it could not be written until then
 */
export function settle(
  state: StateStore<unknown>,
  { begun, until: end }: Lease,
  decide: (delivery: Delivery) => Delivery,
): Promise<boolean> {
  return until(end, async () => {
    const known = (await state.get(deliveryKey(begun.id))) as Versioned<Delivery> | undefined;
    if (!known || known.value.status !== 'SENDING' || known.value.attempted !== begun.attempted) return false;
    return saved(state, known.etag, decide(known.value));
  });
}

const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 5_000;

/** Does again what fails, less and less often, until a time of `performance.now()`. @throws its last error then */
export async function until<T>(time: number, work: () => Promise<T>): Promise<T> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(MAX_WAIT_MS, wait * 2)) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() + wait >= time) throw error;
      await delay(wait);
    }
  }
}

async function saved(state: StateStore<unknown>, etag: string, value: Delivery): Promise<boolean> {
  // A write that names no time to live takes the document's away.
  const ttlSeconds = Math.max(1, secondsLeft(value, Date.now()));
  try {
    await state.transact([{ op: 'replace', key: deliveryKey(value.id), value, etag, ttlSeconds }]);
    return true;
  } catch (error) {
    if (error instanceof StaleState) return false; // another replica was faster
    throw error;
  }
}
