import { useEffect } from 'react';
import { useQuery, useSubscription } from 'urql';
import { ColumnTotalDocument, TaskChangedDocument, type TaskFilter } from '../generated/operations.ts';

/** Several changes at once are one question. */
const PAUSE_MS = 300;

/**
 * How many tasks a filter lets through, on all pages. Asked for where it is needed, and after each change: of the list that
 * is shown, or of a task that is not in it.
 */
export function useTotal(filter: TaskFilter, list: unknown, isNeeded: boolean): number | undefined {
  const [{ data }, ask] = useQuery({ query: ColumnTotalDocument, variables: { filter }, pause: !isNeeded });
  const [{ data: event }] = useSubscription({ query: TaskChangedDocument, pause: !isNeeded });
  const last = event?.taskChanged.id;
  useEffect(() => {
    if (!isNeeded) return;
    const timer = setTimeout(() => ask({ requestPolicy: 'network-only' }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [last, list, isNeeded, ask]);
  return isNeeded ? data?.me.tasks.totalCount : undefined;
}
