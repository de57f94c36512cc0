import type { Dapr } from './dapr.ts';
import { openState, StaleState, type StateOperation, type Versioned } from './state.ts';

/** A write that holds by itself: of a document that must not exist yet, or of the one that was read with the ETag. */
export type DocumentWrite = Exclude<StateOperation, { op: 'delete' }>;

/**
 * Documents in a Dapr state store that are written one at a time, each with its ETag. For stores whose transactions are
 * none once an ETag is stale: of several operations Redis writes those whose own ETag is right, and `create` of a
 * transaction overwrites. A write of one document holds in every store.
 */
export type Documents = {
  get<T>(key: string): Promise<Versioned<T> | undefined>;
  /** The documents that exist, by key: one bulk read. */
  getMany<T>(keys: readonly string[]): Promise<Map<string, Versioned<T>>>;
  /** @throws StaleState where the document exists already (`create`), or was changed since it was read (`replace`) */
  save(write: DocumentWrite): Promise<void>;
};

/** The longest time to live that every store takes, in seconds: 68 years. */
const MAX_TTL_SECONDS = 2 ** 31 - 1;

/** Both kinds of conflict, as PostgreSQL and Redis say them: a stale ETag, a first write where the key exists. */
const CONFLICT = /etag mismatch|no item was updated|user_script.*failed to set key/is;

/** @param store the component's name; the sidecar must have it in its scopes */
export function openDocuments(dapr: Dapr, store: string): Documents {
  const state = openState<unknown>(dapr, store);

  async function save(write: DocumentWrite): Promise<void> {
    // -1: Redis leaves an earlier time to live as it is unless it is told otherwise.
    const ttlInSeconds = write.ttlSeconds === undefined ? '-1' : `${Math.min(write.ttlSeconds, MAX_TTL_SECONDS)}`;
    const { status, body } = await dapr.send(`/v1.0/state/${store}`, {
      body: [
        {
          key: write.key,
          value: write.value,
          ...(write.op === 'replace' && { etag: write.etag }),
          options: { concurrency: 'first-write', consistency: 'strong' },
          metadata: { ttlInSeconds },
        },
      ],
    });
    if (status < 300) return;
    const message = `writing ${write.key}: status ${status}: ${body.slice(0, 500)}`;
    throw CONFLICT.test(body) ? new StaleState(message) : new Error(message);
  }

  return {
    get: async <T>(key: string) => (await state.getMany([key])).get(key) as Versioned<T> | undefined,
    getMany: <T>(keys: readonly string[]) => state.getMany(keys) as Promise<Map<string, Versioned<T>>>,
    save,
  };
}
