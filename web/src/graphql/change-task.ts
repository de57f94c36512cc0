import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { Client, CombinedError } from 'urql';
import { TaskDocument } from '../generated/operations.ts';

const last = new Map<string, Promise<unknown>>();

/** Runs what concerns one thing one after another: each change is based on the version that the one before it made. */
function inTurn<T>(id: string, run: () => Promise<T>): Promise<T> {
  const turn = (last.get(id) ?? Promise.resolve()).then(run).finally(() => {
    if (last.get(id) === turn) last.delete(id);
  });
  last.set(id, turn);
  return turn;
}

/**
 * Changes one task, in its turn. Where that is refused, the task is read again: then it is on the page as it is, whatever
 * was shown meanwhile.
 * @returns why it was refused
 */
export function changeTask<Variables extends { id: string; key: string }>(
  client: Client,
  document: TypedDocumentNode<unknown, Variables>,
  variables: Omit<Variables, 'key'> & { id: string },
): Promise<CombinedError | undefined> {
  return inTurn(variables.id, async () => {
    const { error } = await client
      .mutation(document, { ...variables, key: crypto.randomUUID() } as unknown as Variables)
      .toPromise();
    if (error) await client.query(TaskDocument, { id: variables.id }, { requestPolicy: 'network-only' }).toPromise();
    return error;
  });
}
