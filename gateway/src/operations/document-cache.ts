import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** A token with its node in the syntax tree takes about this much. */
const BYTES_PER_TOKEN = 300;
const BYTES_PER_CHARACTER = 2;

/** What a parsed document takes in memory, about, in bytes. Its text stays with it, however long its comments are. */
export function bytesOf({ loc }: DocumentNode): number {
  let tokens = 1;
  for (let token = loc?.startToken; token; token = token.next ?? undefined) tokens += 1;
  return tokens * BYTES_PER_TOKEN + (loc?.source.body.length ?? 0) * BYTES_PER_CHARACTER;
}

/** Parsed documents, as Apollo Server keeps them: at most `maxBytes` of them, by `bytesOf`. Its own store takes no text into account. */
export function createDocumentCache(maxBytes: number) {
  const documents = new LRUCache<string, DocumentNode>({ maxSize: maxBytes, sizeCalculation: bytesOf });
  return {
    get: async (key: string) => documents.get(key),
    set: async (key: string, document: DocumentNode) => void documents.set(key, document),
    delete: async (key: string) => documents.delete(key),
  };
}
