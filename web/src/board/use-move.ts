import { useCallback } from 'react';
import { useClient } from 'urql';
import {
  CancelTaskDocument,
  CompleteTaskDocument,
  ReopenTaskDocument,
  StartTaskDocument,
  type TaskCardFragment,
  type TaskStatus,
} from '../generated/operations.ts';
import { changeTask } from '../graphql/change-task.ts';
import { announce } from '../ui/announcer.tsx';
import { codeOf, messageOf } from '../ui/states.tsx';
import { toast } from '../ui/toasts.tsx';
import { titleOf } from './columns.ts';

const documents = {
  PENDING: ReopenTaskDocument,
  IN_PROGRESS: StartTaskDocument,
  COMPLETED: CompleteTaskDocument,
  CANCELLED: CancelTaskDocument,
};

/** Gives a task another status: at once on the page, and back again where the service refuses. */
export function useMove(): (task: TaskCardFragment, to: TaskStatus) => void {
  const client = useClient();
  return useCallback(
    (task, to) => {
      announce(`“${task.title}” moved to ${titleOf(to)}.`);
      const run = async (): Promise<void> => {
        const error = await changeTask(client, documents[to], { id: task.id, version: task.version });
        if (!error) return;
        const why = codeOf(error) === 'CONFLICT' ? 'it was changed elsewhere in the meantime.' : messageOf(error);
        toast(`“${task.title}” did not move to ${titleOf(to)}: ${why}`, 'problem');
      };
      void run();
    },
    [client],
  );
}
