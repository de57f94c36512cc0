import { useState, type FormEvent } from 'react';
import { useClient } from 'urql';
import {
  AddReminderDocument,
  CancelReminderDocument,
  SnoozeReminderDocument,
  type ReminderRowFragment,
  type TaskDetailsQuery,
} from '../generated/operations.ts';
import { dateText, fromField } from '../ui/dates.ts';
import { messageOf } from '../ui/states.tsx';

type Task = NonNullable<TaskDetailsQuery['task']>;
const LATER = { PT10M: '10 minutes', PT1H: '1 hour', P1D: '1 day', P7D: '1 week' };
const BEFORE = { PT10M: '10 minutes before', PT1H: '1 hour before', P1D: '1 day before' };

/** A task's reminders: those that come by themselves, and those that were added. */
export function ReminderSection({ task }: { task: Task }) {
  const client = useClient();
  const [problem, setProblem] = useState<string>();

  const run = async (asked: Promise<{ error?: Parameters<typeof messageOf>[0] | undefined }>): Promise<void> => {
    const { error } = await asked;
    setProblem(error && messageOf(error));
  };
  const add = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const before = String(fields.get('before'));
    const at = fromField(String(fields.get('at')));
    const when = before === '' ? { at } : { before };
    void run(client.mutation(AddReminderDocument, { taskId: task.id, ...when, key: crypto.randomUUID() }).toPromise());
  };
  const cancel = (id: string): void =>
    void run(client.mutation(CancelReminderDocument, { taskId: task.id, id, key: crypto.randomUUID() }).toPromise());
  const snooze = (id: string, by: string): void =>
    void run(
      client.mutation(SnoozeReminderDocument, { taskId: task.id, id, by, key: crypto.randomUUID() }).toPromise(),
    );

  return (
    <section className="part" aria-labelledby="reminders-title">
      <h3 id="reminders-title">Reminders</h3>
      {task.reminders.length === 0 && <p className="state">None.</p>}
      <ul className="rows">
        {task.reminders.map((reminder) => (
          <li key={reminder.id}>
            <span>{textOf(reminder)}</span>
            <select
              aria-label={`Snooze: ${textOf(reminder)}`}
              value=""
              onChange={(event) => snooze(reminder.id, event.target.value)}
            >
              <option value="">Snooze …</option>
              {Object.entries(LATER).map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
            {!reminder.firedAt && (
              <button type="button" onClick={() => cancel(reminder.id)}>
                Remove<span className="hidden">: {textOf(reminder)}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      <form className="inline" onSubmit={add}>
        <label>
          Remind
          <select name="before" defaultValue={task.dueAt ? 'PT10M' : ''}>
            {task.dueAt &&
              Object.entries(BEFORE).map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            <option value="">at a time:</option>
          </select>
        </label>
        <label>
          <span className="hidden">Time</span>
          <input name="at" type="datetime-local" />
        </label>
        <button>Add</button>
      </form>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

function textOf({ kind, at, firedAt, snoozedFrom }: ReminderRowFragment): string {
  const when = at ? dateText(at) : 'no time yet';
  const what = kind === 'DUE' ? 'When due' : kind === 'BEFORE_DUE' ? 'Before' : 'At';
  return `${what}: ${when}${snoozedFrom ? ' (snoozed)' : ''}${firedAt ? ' (sent)' : ''}`;
}
