import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from '@todo/service/logger';
import type { Stop } from '@todo/service/shutdown';

const TICK_MS = 1_000;

/** Until when everything that arrived is in a database: a replica has it from the clock's row, as late as all else. */
export async function asOf(reader: MikroORM): Promise<string> {
  const [row] = await reader.em.fork().execute<[{ at: Date | string }]>('select at from clock');
  return new Date(row.at).toISOString();
}

/** Keeps the clock, to the second. Several replicas of the service keep the same one. */
export function startClock(orm: MikroORM, logger: Logger): Stop {
  let ticking: Promise<void> | undefined;
  const tick = async (): Promise<void> => {
    try {
      await orm.em.fork().execute(`update clock set at = now() where at < now() - interval '${TICK_MS - 100} ms'`);
    } catch (error) {
      logger.warn({ err: error }, 'the clock of reports could not be set');
    } finally {
      ticking = undefined;
    }
  };
  const timer = setInterval(() => (ticking ??= tick()), TICK_MS);
  return async () => {
    clearInterval(timer);
    await ticking;
  };
}
