import { useEffect, useRef } from 'react';
import { useQuery } from 'urql';
import { TaskDetailsDocument } from '../generated/operations.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { HistorySection } from './history-section.tsx';
import { RecurrenceSection } from './recurrence-section.tsx';
import { ReminderSection } from './reminder-section.tsx';
import { TaskForm } from './task-form.tsx';

/** One task: a new one, or one that is there, with its reminders and its recurrence. */
export function TaskDialog({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    // A new task begins with its title; one that is there with what leads out of it.
    dialog.current?.querySelector<HTMLInputElement>('[name=title]')?.focus();
  }, []);
  return (
    <dialog ref={dialog} className="panel" aria-labelledby="task-title" onClose={onClose}>
      <header>
        <h2 id="task-title">{id === undefined ? 'New task' : 'Task'}</h2>
        <button className="quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
          ✕
        </button>
      </header>
      {id === undefined ? (
        <TaskForm onDone={() => dialog.current?.close()} />
      ) : (
        <Details id={id} close={() => dialog.current?.close()} />
      )}
    </dialog>
  );
}

function Details({ id, close }: { id: string; close: () => void }) {
  const [{ data, error }, retry] = useQuery({
    query: TaskDetailsDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  if (!data) return error ? <Failed error={error} retry={() => retry()} /> : <Loading />;
  if (!data.task) return <Empty text="This task was deleted." />;
  return (
    <>
      <TaskForm task={data.task} onDone={close} />
      <ReminderSection task={data.task} />
      <RecurrenceSection task={data.task} />
      <HistorySection id={id} version={data.task.version} />
    </>
  );
}
