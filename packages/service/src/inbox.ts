import type { DomainEvent } from './events.ts';

/** Runs one SQL statement inside the caller's transaction; resolves with the rows that it gives. */
export type QuerySql = <Row>(sql: string, parameters: unknown[]) => Promise<Row[]>;

/** For a migration: the table that remembers which events had their effect. */
export const inboxTableSql = `
  create table event_inbox (
    event_id text primary key,
    type text not null,
    received_at timestamptz not null default now()
  )`;

/**
 * Marks events as handled, in the transaction of their effects: both are committed or neither is.
 * @returns those that were not handled before, each once, in the order in which they were given: the caller makes their effects
 */
export async function enterInbox<E extends DomainEvent>(query: QuerySql, events: readonly E[]): Promise<E[]> {
  const byId = new Map(events.map((event) => [event.id, event]));
  // In one order, so that two deliveries of the same events wait for one another rather than deadlock.
  const rows = [...byId.values()].map(({ id, type }) => ({ id, type })).sort((a, b) => (a.id < b.id ? -1 : 1));
  const entered = await query<{ event_id: string }>(
    `insert into event_inbox (event_id, type) select id, type from json_to_recordset(?::json) as e (id text, type text)
     on conflict do nothing returning event_id`,
    [JSON.stringify(rows)],
  );
  const fresh = new Set(entered.map((row) => row.event_id));
  return [...byId.values()].filter((event) => fresh.has(event.id));
}
