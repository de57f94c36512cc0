import { useEffect, useState, type FormEvent } from 'react';
import { useClient, useQuery, type CombinedError } from 'urql';
import {
  ClearRecurrenceDocument,
  PreviewRecurrenceDocument,
  SetRecurrenceDocument,
  SkipOccurrenceDocument,
  type NextOccurrence,
  type TaskDetailsQuery,
} from '../generated/operations.ts';
import { dateText, dayOnlyText, ownTimeZone } from '../ui/dates.ts';
import { messageOf } from '../ui/states.tsx';
import { PatternFields } from './pattern-fields.tsx';
import { ruleOf, ruleText, type Pattern } from './rule.ts';

type Task = NonNullable<TaskDetailsQuery['task']>;
const WEEKLY: Pattern = { frequency: 'WEEKLY', interval: 1, weekdays: [], end: 'never', count: 10, until: '' };
const key = (): string => crypto.randomUUID();
/** What is typed is looked at once nothing more is. */
const PAUSE_MS = 250;

/** Has a task recur, with the dates that come of it before anything is saved. */
export function RecurrenceSection({ task }: { task: Task }) {
  const client = useClient();
  const [problem, setProblem] = useState<string>();
  const [pattern, setPattern] = useState(WEEKLY);
  const [next, setNext] = useState<NextOccurrence>('ON_COMPLETION');
  const { recurrence } = task;
  if (!task.dueAt && !recurrence) return null;

  const input = { rule: ruleOf(pattern), timeZone: task.dueTimeZone ?? ownTimeZone(), next, exceptDates: [] };
  const run = async (asked: PromiseLike<{ error?: CombinedError | undefined }>): Promise<void> => {
    const { error } = await asked;
    setProblem(error && messageOf(error));
  };
  const taskId = task.id;
  const set = (event: FormEvent): void => {
    event.preventDefault();
    void run(client.mutation(SetRecurrenceDocument, { taskId, input, key: key() }));
  };
  const clear = (): void => void run(client.mutation(ClearRecurrenceDocument, { taskId, key: key() }));
  const skip = (date: string): void => void run(client.mutation(SkipOccurrenceDocument, { taskId, date, key: key() }));

  return (
    <section className="part" aria-labelledby="recurrence-title">
      <h3 id="recurrence-title">Recurrence</h3>
      {recurrence && (
        <div className="series">
          <p>
            <strong>{ruleText(recurrence.rule, dayOnlyText)}</strong>
            {recurrence.nextDate ? <>, next on {dateText(recurrence.nextDate)}</> : ', this is the last'}
          </p>
          <div className="inline">
            {recurrence.nextDate && (
              <button type="button" onClick={() => skip(recurrence.nextDate as string)}>
                Skip the next date
              </button>
            )}
            <button type="button" onClick={clear}>
              End the series
            </button>
          </div>
        </div>
      )}
      {task.dueAt && (
        <>
          <form className="inline" onSubmit={set}>
            <PatternFields pattern={pattern} onPattern={setPattern} />
            <label>
              The next task comes
              <select value={next} onChange={(event) => setNext(event.target.value as NextOccurrence)}>
                <option value="ON_COMPLETION">when this one is done</option>
                <option value="ON_TIME">when this one is due</option>
              </select>
            </label>
            <button>{recurrence ? 'Replace' : 'Set'}</button>
          </form>
          <Preview input={input} start={task.dueAt} />
        </>
      )}
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

function Preview({ input, start }: { input: { rule: string; timeZone: string }; start: string }) {
  const asked = useSettled(JSON.stringify({ input: { rule: input.rule, timeZone: input.timeZone }, start }));
  const [{ data, error }] = useQuery({ query: PreviewRecurrenceDocument, variables: JSON.parse(asked) as never });
  if (error) return <p className="problem">{messageOf(error)}</p>;
  return (
    <ol className="preview" aria-label="The first dates">
      {(data?.previewRecurrence ?? []).map((date) => (
        <li key={date}>{dateText(date)}</li>
      ))}
    </ol>
  );
}

/** A value once it has not changed for a while. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
