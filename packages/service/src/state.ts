import { StateConcurrencyEnum, StateConsistencyEnum, type DaprClient } from '@dapr/dapr';

type DaprOperation = Parameters<DaprClient['state']['transaction']>[1] extends (infer T)[] | undefined ? T : never;

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
  /** All of the operations or none, in order. @throws StaleState */
  transact(operations: StateOperation[]): Promise<void>;
};

/** Bulk reads of PostgreSQL are one SQL statement; for stores without one Dapr reads this many keys at a time. */
const PARALLELISM = 10;

/** @param store the component's name; the sidecar must have it in its scopes */
export function openState<T>(client: DaprClient, store: string): StateStore<T> {
  async function getMany(keys: readonly string[]): Promise<Map<string, Versioned<T>>> {
    if (keys.length === 0) return new Map();
    const items = await client.state.getBulk(store, [...keys], { parallelism: PARALLELISM });
    const found = new Map<string, Versioned<T>>();
    for (const item of items as { key: string; data?: T; etag?: string; error?: string }[]) {
      if (item.error) throw new Error(`reading ${item.key}: ${item.error}`);
      if (item.data !== undefined && item.data !== null && item.etag)
        found.set(item.key, { value: item.data, etag: item.etag });
    }
    return found;
  }

  async function transact(operations: StateOperation[]): Promise<void> {
    try {
      await client.state.transaction(store, operations.map(toDapr));
    } catch (error) {
      if (isConflict(error)) throw new StaleState('a document was changed in between', { cause: error });
      throw error;
    }
  }

  return { get: async (key) => (await getMany([key])).get(key), getMany, transact };
}

function toDapr(operation: StateOperation): DaprOperation {
  const options = {
    concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE,
    consistency: StateConsistencyEnum.CONSISTENCY_STRONG,
  };
  // The HTTP API takes the ETag as text; the SDK's type is that of the gRPC API.
  const etag = 'etag' in operation ? { etag: operation.etag as unknown as { value: string } } : {};
  if (operation.op === 'delete') return { operation: 'delete', request: { key: operation.key, options, ...etag } };
  const metadata = operation.ttlSeconds === undefined ? {} : { metadata: { ttlInSeconds: `${operation.ttlSeconds}` } };
  return {
    operation: 'upsert',
    request: { key: operation.key, value: operation.value, options, ...etag, ...metadata },
  };
}

/** Dapr answers 500 for both kinds of conflict: a stale ETag, and a first write where the key exists already. */
function isConflict(error: unknown): boolean {
  return error instanceof Error && /etag mismatch|no item was updated/i.test(error.message);
}
