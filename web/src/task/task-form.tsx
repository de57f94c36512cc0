import { useState, type FormEvent } from 'react';
import { useClient } from 'urql';
import {
  CreateTaskDocument,
  DeleteTaskDocument,
  UpdateTaskDocument,
  type TaskCardFragment,
  type TaskPriority,
} from '../generated/operations.ts';
import { changeTask } from '../graphql/change-task.ts';
import { fromField, ownTimeZone, toField } from '../ui/dates.ts';
import { codeOf, messageOf } from '../ui/states.tsx';
import { toast } from '../ui/toasts.tsx';
import { checklistOf, checklistText } from './checklist.ts';
import { Overtaken } from './overtaken.tsx';

const PRIORITIES: TaskPriority[] = ['LOW', 'NORMAL', 'HIGH', 'URGENT'];

/** Creates a task, or edits one. What was typed stays where the service refuses it. */
export function TaskForm({ task, onDone }: { task?: TaskCardFragment; onDone: () => void }) {
  const client = useClient();
  // What the edit is based on: changes from elsewhere must not slip below it.
  const [base, setBase] = useState(task);
  // Another one fills the fields anew.
  const [draft, setDraft] = useState(0);
  const [problem, setProblem] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string): string => String(fields.get(name) ?? '').trim();
    const dueAt = fromField(text('due'));
    const input = {
      title: text('title'),
      description: text('description') || null,
      priority: text('priority') as TaskPriority,
      tags: text('tags')
        .split(',')
        .map((tag) => tag.trim().toLowerCase())
        .filter(Boolean),
      dueAt,
      dueTimeZone: dueAt && ownTimeZone(),
      checklist: checklistOf(text('checklist'), base),
    };
    setIsBusy(true);
    setProblem(undefined);
    const error = await (base
      ? changeTask(client, UpdateTaskDocument, { id: base.id, input, version: base.version })
      : client
          .mutation(CreateTaskDocument, { input, key: crypto.randomUUID() })
          .toPromise()
          .then((answer) => answer.error));
    setIsBusy(false);
    if (!error) return onDone();
    // What it was changed to is shown beside the fields.
    if (codeOf(error) !== 'CONFLICT') setProblem(messageOf(error));
  };

  const remove = async (): Promise<void> => {
    if (!base) return;
    onDone();
    const error = await changeTask(client, DeleteTaskDocument, { id: base.id, version: base.version });
    if (error) toast(`“${base.title}” is still there: ${messageOf(error)}`, 'problem');
  };

  return (
    <form key={draft} onSubmit={(event) => void submit(event)} className="fields">
      <label>
        Title
        <input name="title" required maxLength={200} defaultValue={base?.title} />
      </label>
      <label>
        Description
        <textarea name="description" rows={3} maxLength={10_000} defaultValue={base?.description ?? ''} />
      </label>
      <div className="pair">
        <label>
          Priority
          <select name="priority" defaultValue={base?.priority ?? 'NORMAL'}>
            {PRIORITIES.map((priority) => (
              <option key={priority} value={priority}>
                {priority.toLowerCase()}
              </option>
            ))}
          </select>
        </label>
        <label>
          Due
          <input name="due" type="datetime-local" defaultValue={toField(base?.dueAt)} />
        </label>
      </div>
      <label>
        Tags, comma-separated
        <input name="tags" defaultValue={base?.tags.join(', ')} />
      </label>
      <label>
        Checklist, a line each; [x] is done
        <textarea name="checklist" rows={3} defaultValue={checklistText(base)} />
      </label>
      {base && task && task.version > base.version && !isBusy && (
        <Overtaken
          base={base}
          theirs={task}
          onTheirs={() => {
            setBase(task);
            setDraft(draft + 1);
          }}
          onMine={() => setBase(task)}
        />
      )}
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <footer>
        {base && (
          <button type="button" className="danger" onClick={() => void remove()}>
            Delete
          </button>
        )}
        <button className="primary" disabled={isBusy}>
          {base ? 'Save' : 'Create'}
        </button>
      </footer>
    </form>
  );
}
