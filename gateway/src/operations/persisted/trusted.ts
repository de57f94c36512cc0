import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Stop } from '@todo/service/shutdown';
import { parse, type GraphQLSchema } from 'graphql';
import type { GatewayBase } from '../../context.ts';
import { refusal } from '../../refusal.ts';
import type { OperationRequest } from '../server.ts';
import { createValidation } from '../validate.ts';
import { readDocuments, type Documents } from './documents.ts';

const WATCH_INTERVAL_MS = 1000;

/** The documents that clients may ask for, and no others. */
export type TrustedDocuments = {
  /**
   * An operation with its document, which it names by `documentId`, by `extensions.persistedQuery.sha256Hash`, or by its
   * text. Throws a GraphQLError: PERSISTED_QUERY_NOT_IN_LIST, QUERY_NOT_IN_SAFELIST.
   */
  resolve: (request: OperationRequest) => OperationRequest;
  /** Logs which documents a schema cannot answer; those of later lists, too. */
  checkAgainst: (schema: GraphQLSchema) => void;
  stop: Stop;
};

/**
 * Reads the list of trusted documents, and again whenever the file changes: one that is no list is logged and refused, and
 * the one in force stays. Rejects where the first is none.
 */
export async function startTrustedDocuments({ config, logger }: GatewayBase, file: string): Promise<TrustedDocuments> {
  const validate = createValidation(config);
  let json = await readFile(file, 'utf8');
  let documents = read(json, file);
  let schema: GraphQLSchema | undefined;

  const check = (): void => {
    for (const [id, body] of schema ? documents.byId : []) {
      const problem = problemOf(body, (document) => validate(schema as GraphQLSchema, document)[0]);
      if (problem) logger.error({ file, id, problem }, 'a trusted document cannot be answered');
    }
  };
  const reload = async (): Promise<void> => {
    try {
      const changed = await readFile(file, 'utf8');
      if (changed === json) return;
      documents = read(changed, file);
      json = changed;
      logger.info({ file, documents: documents.byId.size }, 'trusted documents reloaded');
      check();
    } catch (error) {
      logger.error({ err: error, file }, 'the changed list of trusted documents is refused: the one in force stays');
    }
  };
  // Polls the file itself: events of its directory miss the way Kubernetes swaps mounted files.
  watchFile(file, { interval: WATCH_INTERVAL_MS, persistent: false }, () => void reload());
  // A change between the reading and the first look of the watch would go unseen.
  await reload();

  return {
    resolve: (request) => resolve(documents, request),
    checkAgainst: (next) => {
      schema = next;
      check();
    },
    stop: async () => unwatchFile(file),
  };
}

function read(json: string, file: string): Documents {
  try {
    return readDocuments(json);
  } catch (error) {
    throw new Error(`${file} is no list of trusted documents: ${(error as Error).message}`, { cause: error });
  }
}

function problemOf(body: string, validate: (document: ReturnType<typeof parse>) => Error | undefined) {
  try {
    return validate(parse(body))?.message;
  } catch (error) {
    return (error as Error).message;
  }
}

function resolve({ byId, bodies }: Documents, { documentId, ...request }: OperationRequest): OperationRequest {
  const { persistedQuery, ...extensions } = request.extensions ?? {};
  const id = documentId ?? (persistedQuery as { sha256Hash?: unknown } | undefined)?.sha256Hash;
  if (id === undefined) {
    if (request.query === undefined || bodies.has(request.query)) return request;
    throw refusal('QUERY_NOT_IN_SAFELIST', 'the operation is not in the list of trusted documents');
  }
  // The prefix says how the id was made (GraphQL over HTTP, persisted documents).
  const query = typeof id === 'string' ? (byId.get(id) ?? byId.get(id.replace(/^sha256:/, ''))) : undefined;
  if (query === undefined)
    throw refusal('PERSISTED_QUERY_NOT_IN_LIST', 'the list of trusted documents has no document of that id');
  if (request.query !== undefined && request.query !== query)
    throw refusal(
      'QUERY_NOT_IN_SAFELIST',
      'the operation is not the one that the list of trusted documents has by that id',
    );
  return { ...request, query, extensions };
}
