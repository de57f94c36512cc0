import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import { StaleState, type StateOperation, type StateStore, type Versioned } from '../state.ts';

/** Dapr's state table, as `state.postgresql` v2 makes it. */
export const stateTable = `create table state (
  key text not null primary key,
  value bytea not null,
  etag uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz,
  expires_at timestamptz,
  row_id bigint generated always as identity
)`;

/** A state store that keeps the same table without a sidecar, as Dapr does: triggers see to the rest. */
export function openSqlState(orm: MikroORM): StateStore<unknown> {
  const getMany = async (keys: readonly string[]): Promise<Map<string, Versioned<unknown>>> => {
    const rows = await orm.em.fork().execute<{ key: string; value: unknown; etag: string }[]>(
      `select key, convert_from(value, 'UTF8')::jsonb as value, etag from state
       where key in (select json_array_elements_text(?::json)) and (expires_at is null or expires_at > now())`,
      [JSON.stringify(keys)],
    );
    return new Map(rows.map(({ key, value, etag }) => [key, { value, etag }]));
  };
  return {
    get: async (key) => (await getMany([key])).get(key),
    getMany,
    transact: (operations) =>
      orm.em.fork().transactional(async (em) => {
        for (const operation of operations) {
          const [sql, parameters] = statementOf(operation);
          const written = await em.execute<{ key: string }[]>(`${sql} returning key`, parameters);
          if (written.length === 0) throw new StaleState(operation.key);
        }
      }),
  };
}

function statementOf(operation: StateOperation): [string, unknown[]] {
  const { op, key } = operation;
  if (op === 'delete') return ['delete from state where key = ? and etag = ?', [key, operation.etag]];
  const { ttlSeconds = null } = operation;
  const value = JSON.stringify(operation.value);
  const expires = `now() + make_interval(secs => ?::float8)`;
  if (op === 'replace')
    return [
      `update state set value = convert_to(?, 'UTF8'), etag = ?, updated_at = now(), expires_at = ${expires}
       where key = ? and etag = ?`,
      [value, randomUUID(), ttlSeconds, key, operation.etag],
    ];
  return [
    `insert into state (key, value, expires_at) values (?, convert_to(?, 'UTF8'), ${expires}) on conflict do nothing`,
    [key, value, ttlSeconds],
  ];
}
