import { useState, type FormEvent } from 'react';
import { useClient } from 'urql';
import {
  CreateTaskDocument,
  DeleteTaskDocument,
  UpdateTaskDocument,
  type TaskCardFragment,
  type TaskPriority,
} from '../generated/operations.ts';
import { inTurn } from '../graphql/in-turn.ts';
import { fromField, ownTimeZone, toField } from '../ui/dates.ts';
import { codeOf, messageOf } from '../ui/states.tsx';
import { toast } from '../ui/toasts.tsx';

const PRIORITIES: TaskPriority[] = ['LOW', 'NORMAL', 'HIGH', 'URGENT'];

/** Creates a task, or edits one. What was typed stays where the service refuses it. */
export function TaskForm({ task, onDone }: { task?: TaskCardFragment; onDone: () => void }) {
  const client = useClient();
  // What the edit is based on: changes from elsewhere must not slip below it.
  const [base, setBase] = useState(task);
  const [problem, setProblem] = useState<{ text: string; isConflict: boolean }>();
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
    const key = crypto.randomUUID();
    const { error } = await (
      base
        ? client.mutation(UpdateTaskDocument, { id: base.id, input, version: base.version, key })
        : client.mutation(CreateTaskDocument, { input, key })
    ).toPromise();
    setIsBusy(false);
    if (!error) return onDone();
    const isConflict = codeOf(error) === 'CONFLICT';
    setProblem({
      text: isConflict ? 'This task was changed elsewhere while you were editing it.' : messageOf(error),
      isConflict,
    });
  };

  const remove = (): void => {
    if (!base) return;
    onDone();
    void inTurn(base.id, async () => {
      const variables = { id: base.id, version: base.version, key: crypto.randomUUID() };
      const { error } = await client.mutation(DeleteTaskDocument, variables).toPromise();
      if (error) toast(`“${base.title}” is still there: ${messageOf(error)}`, 'problem');
    });
  };

  return (
    <form onSubmit={(event) => void submit(event)} className="fields">
      <label>
        Title
        <input name="title" required maxLength={200} defaultValue={base?.title} autoFocus={!base} />
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
      {problem && (
        <div className="problem" role="alert">
          <p>{problem.text}</p>
          {problem.isConflict && task && (
            <button
              type="button"
              onClick={() => {
                setBase(task);
                setProblem(undefined);
              }}
            >
              Keep my text, to save it over the other
            </button>
          )}
        </div>
      )}
      <footer>
        {base && (
          <button type="button" className="danger" onClick={remove}>
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

const checklistText = (task: TaskCardFragment | undefined): string =>
  (task?.checklist ?? []).map(({ text, done }) => `${done ? '[x] ' : ''}${text}`).join('\n');

/** Items that are there keep their ids. */
function checklistOf(text: string, task: TaskCardFragment | undefined) {
  const known = [...(task?.checklist ?? [])];
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const done = /^\[x\]/i.test(line);
      const item = line.replace(/^\[[x ]?\]\s*/i, '');
      const at = known.findIndex((each) => each.text === item);
      const [same] = at < 0 ? [] : known.splice(at, 1);
      return { ...(same && { id: same.id }), text: item, done };
    });
}
