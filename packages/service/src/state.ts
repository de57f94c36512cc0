import type { Dapr } from './dapr.ts';

/** A document and the ETag that the next write of it must name. */
export type Versioned<T> = { value: T; etag: string };

export type StateOperation =
  /** Writes a document that must not exist yet. */
  | { op: 'create'; key: string; value: unknown; ttlSeconds?: number }
  /** Replaces the document that was read with this ETag. */
  | { op: 'replace'; key: string; value: unknown; etag: string; ttlSeconds?: number }
  /** Deletes the document that was read with this ETag. */
  | { op: 'delete'; key: string; etag: string };

/** A document was changed, created or deleted by someone else in between: nothing of the transaction was written. */
export class StaleState extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StaleState';
  }
}

/** Typed documents in one Dapr state store. */
export type StateStore<T> = {
  get(key: string): Promise<Versioned<T> | undefined>;
  /** The documents that exist, by key: one bulk read. */
  getMany(keys: readonly string[]): Promise<Map<string, Versioned<T>>>;
  /**
   * All of the operations or none, in order.
   * @param traceparent what the sidecar's span of it hangs below
   * @throws StaleState
   */
  transact(operations: StateOperation[], traceparent?: string): Promise<void>;
};

/** Bulk reads of PostgreSQL are one SQL statement; for stores without one Dapr reads this many keys at a time. */
const PARALLELISM = 10;

/**
 * A document that is always there, read along with others. Where the connection to PostgreSQL breaks during a bulk read, Dapr
 * answers as if no document were there (it does not look why the rows ended): then this one is missing too.
 */
const WITNESS = 'witness';

/** Dapr answers 500 for both kinds of conflict: a stale ETag, and a first write where the key exists already. */
const CONFLICT = /etag mismatch|no item was updated/i;

/** @param store the component's name; the sidecar must have it in its scopes */
export function openState<T>(dapr: Dapr, store: string): StateStore<T> {
  type Item = { key: string; data?: T; etag?: string; error?: string };

  async function read(keys: readonly string[]): Promise<Item[]> {
    const items = await dapr.client.state.getBulk(store, [...keys, WITNESS], { parallelism: PARALLELISM });
    for (const { key, error } of items as Item[]) if (error) throw new Error(`reading ${key}: ${error}`);
    return items as Item[];
  }
  const isWhole = (items: Item[]): boolean => items.some(({ key, etag }) => key === WITNESS && etag);

  /** @throws where the store gave no whole answer */
  async function readWhole(keys: readonly string[]): Promise<Item[]> {
    const items = await read(keys);
    if (isWhole(items)) return items;
    // So it is in a new store, too.
    const { status, body } = await dapr.send(`/v1.0/state/${store}`, { body: [{ key: WITNESS, value: true }] });
    if (status >= 300) throw new Error(`writing ${WITNESS}: status ${status}: ${body.slice(0, 500)}`);
    const again = await read(keys);
    if (!isWhole(again)) throw new Error(`reading of ${store} broke off`);
    return again;
  }

  async function getMany(keys: readonly string[]): Promise<Map<string, Versioned<T>>> {
    if (keys.length === 0) return new Map();
    const items = await readWhole(keys);
    const found = new Map<string, Versioned<T>>();
    for (const item of items) {
      if (item.key !== WITNESS && item.data !== undefined && item.data !== null && item.etag)
        found.set(item.key, { value: item.data, etag: item.etag });
    }
    return found;
  }

  // Not through the SDK: it has no way to say which trace the transaction belongs to.
  async function transact(operations: StateOperation[], traceparent?: string): Promise<void> {
    const { status, body } = await dapr.send(`/v1.0/state/${store}/transaction`, {
      body: { operations: operations.map(toDapr) },
      traceparent,
    });
    if (status < 300) return;
    const message = `a transaction of ${store}: status ${status}: ${body.slice(0, 500)}`;
    throw CONFLICT.test(body) ? new StaleState(message) : new Error(message);
  }

  return { get: async (key) => (await getMany([key])).get(key), getMany, transact };
}

/** In the words of Dapr's HTTP API. */
function toDapr(operation: StateOperation): object {
  const options = { concurrency: 'first-write', consistency: 'strong' };
  const etag = 'etag' in operation ? { etag: operation.etag } : {};
  if (operation.op === 'delete') return { operation: 'delete', request: { key: operation.key, options, ...etag } };
  const metadata = operation.ttlSeconds === undefined ? {} : { metadata: { ttlInSeconds: `${operation.ttlSeconds}` } };
  return {
    operation: 'upsert',
    request: { key: operation.key, value: operation.value, options, ...etag, ...metadata },
  };
}
