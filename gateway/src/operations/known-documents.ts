import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { GatewayConfig } from '../config.ts';
import { bytesOf } from './document-cache.ts';

/** A document that an operation of was found fit to be executed. */
type KnownDocument = { document: DocumentNode; queryHash: string };

/** Parsed documents by their text, of operations that came through the whole pipeline. */
export type KnownDocuments = {
  add: (query: string, known: KnownDocument) => void;
  get: (query: string) => KnownDocument | undefined;
};

/** Keeps as many as there can be plans, which have the same documents: the most recently used. */
export function createKnownDocuments({
  PLAN_CACHE_SIZE,
  PLAN_CACHE_BYTES,
}: Pick<GatewayConfig, 'PLAN_CACHE_SIZE' | 'PLAN_CACHE_BYTES'>): KnownDocuments {
  const known = new LRUCache<string, KnownDocument>({
    max: PLAN_CACHE_SIZE,
    maxSize: PLAN_CACHE_BYTES,
    sizeCalculation: ({ document }) => bytesOf(document),
  });
  return {
    add: (query, document) => {
      if (!known.has(query)) known.set(query, document);
    },
    get: (query) => known.get(query),
  };
}
