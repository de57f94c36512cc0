import type { DomainEvent } from './events.ts';

/** Runs one SQL statement inside the caller's transaction; resolves with the number of rows it wrote. */
export type ExecuteSql = (sql: string, parameters: unknown[]) => Promise<number>;

/** For a migration: the table that remembers which events had their effect. */
export const inboxTableSql = `
  create table event_inbox (
    event_id text primary key,
    type text not null,
    received_at timestamptz not null default now()
  )`;

/**
 * Marks an event as handled, in the transaction of its effect: both are committed or neither is.
 * @returns false where the event was handled before: the caller then has no effect to make
 */
export async function enterInbox(execute: ExecuteSql, event: DomainEvent): Promise<boolean> {
  const written = await execute(`insert into event_inbox (event_id, type) values (?, ?) on conflict do nothing`, [
    event.id,
    event.type,
  ]);
  return written === 1;
}
