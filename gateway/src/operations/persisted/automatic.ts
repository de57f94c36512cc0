import { InMemoryLRUCache, PrefixingKeyValueCache, type KeyValueCache } from '@apollo/utils.keyvaluecache';
import type { OperationRequest } from '../server.ts';

const MAX_BYTES = 30 * 1024 * 1024;
/** What a document costs beside its text: its hash, and what the cache notes of it. */
const BYTES_PER_DOCUMENT = 300;

/** Automatic persisted queries: documents that clients have registered by their hash, the most recently used ones. */
export type AutomaticDocuments = {
  /** What Apollo Server, which checks and registers documents, keeps them in: by their SHA-256. */
  cache: KeyValueCache;
  /** An operation with its document, where it came with a known hash alone. Every other one as it is, for Apollo Server. */
  resolve: (request: OperationRequest) => Promise<OperationRequest>;
};

/** Keeps about 30 MiB of documents. */
export function createAutomaticDocuments(): AutomaticDocuments {
  const documents = new InMemoryLRUCache<string>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ length }) => 2 * length + BYTES_PER_DOCUMENT,
  });
  return {
    cache: PrefixingKeyValueCache.cacheDangerouslyDoesNotNeedPrefixesForIsolation(documents),
    resolve: async (request) => {
      const { persistedQuery, ...extensions } = request.extensions ?? {};
      const { version, sha256Hash } = (persistedQuery ?? {}) as { version?: unknown; sha256Hash?: unknown };
      if (request.query !== undefined || version !== 1 || typeof sha256Hash !== 'string') return request;
      const query = await documents.get(sha256Hash);
      return query === undefined ? request : { ...request, query, extensions };
    },
  };
}
