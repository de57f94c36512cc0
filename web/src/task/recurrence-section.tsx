import { useState, type FormEvent } from 'react';
import { useClient, useQuery } from 'urql';
import {
  ClearRecurrenceDocument,
  PreviewRecurrenceDocument,
  SetRecurrenceDocument,
  type NextOccurrence,
  type TaskDetailsQuery,
} from '../generated/operations.ts';
import { dateText, ownTimeZone } from '../ui/dates.ts';
import { messageOf } from '../ui/states.tsx';
import { ruleOf, WEEKDAYS, type Pattern } from './rule.ts';

type Task = NonNullable<TaskDetailsQuery['task']>;
const FREQUENCIES = { DAILY: 'days', WEEKLY: 'weeks', MONTHLY: 'months', YEARLY: 'years' };

/** Has a task recur, with the dates that come of it before anything is saved. */
export function RecurrenceSection({ task }: { task: Task }) {
  const client = useClient();
  const [problem, setProblem] = useState<string>();
  const [pattern, setPattern] = useState<Pattern>({ frequency: 'WEEKLY', interval: 1, weekdays: [], count: undefined });
  const [next, setNext] = useState<NextOccurrence>('ON_COMPLETION');
  if (!task.dueAt) return null;

  const input = { rule: ruleOf(pattern), timeZone: task.dueTimeZone ?? ownTimeZone(), next, exceptDates: [] };
  const set = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const variables = { taskId: task.id, input, key: crypto.randomUUID() };
    const { error } = await client.mutation(SetRecurrenceDocument, variables).toPromise();
    setProblem(error && messageOf(error));
  };
  const clear = async (): Promise<void> => {
    const variables = { taskId: task.id, key: crypto.randomUUID() };
    const { error } = await client.mutation(ClearRecurrenceDocument, variables).toPromise();
    setProblem(error && messageOf(error));
  };

  return (
    <section className="part" aria-labelledby="recurrence-title">
      <h3 id="recurrence-title">Recurrence</h3>
      {task.recurrence && (
        <p>
          <code>{task.recurrence.rule}</code>
          {task.recurrence.nextDate && <>, next on {dateText(task.recurrence.nextDate)}</>}{' '}
          <button type="button" onClick={() => void clear()}>
            End the series
          </button>
        </p>
      )}
      <form className="inline" onSubmit={(event) => void set(event)}>
        <label>
          Every
          <input
            type="number"
            min={1}
            max={1000}
            required
            value={pattern.interval}
            onChange={(event) => setPattern({ ...pattern, interval: event.target.valueAsNumber || 1 })}
          />
        </label>
        <label>
          <span className="hidden">Unit</span>
          <select
            value={pattern.frequency}
            onChange={(event) => setPattern({ ...pattern, frequency: event.target.value as Pattern['frequency'] })}
          >
            {Object.entries(FREQUENCIES).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
        {pattern.frequency === 'WEEKLY' && (
          <fieldset>
            <legend className="hidden">Days of the week</legend>
            {WEEKDAYS.map((day) => (
              <label key={day} className="check">
                <input
                  type="checkbox"
                  checked={pattern.weekdays.includes(day)}
                  onChange={({ target }) =>
                    setPattern({
                      ...pattern,
                      weekdays: WEEKDAYS.filter((each) =>
                        each === day ? target.checked : pattern.weekdays.includes(each),
                      ),
                    })
                  }
                />
                {day}
              </label>
            ))}
          </fieldset>
        )}
        <label>
          The next task comes
          <select value={next} onChange={(event) => setNext(event.target.value as NextOccurrence)}>
            <option value="ON_COMPLETION">when this one is done</option>
            <option value="ON_TIME">when this one is due</option>
          </select>
        </label>
        <button>{task.recurrence ? 'Replace' : 'Set'}</button>
      </form>
      <Preview input={input} start={task.dueAt} />
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

function Preview({ input, start }: { input: { rule: string; timeZone: string }; start: string }) {
  const [{ data, error }] = useQuery({ query: PreviewRecurrenceDocument, variables: { input, start } });
  if (error) return <p className="problem">{messageOf(error)}</p>;
  return (
    <ol className="preview" aria-label="The first dates">
      {(data?.previewRecurrence ?? []).map((date) => (
        <li key={date}>{dateText(date)}</li>
      ))}
    </ol>
  );
}
