import { titleOf } from '../board/columns.ts';
import type { TaskCardFragment } from '../generated/operations.ts';
import { dateText } from '../ui/dates.ts';
import { checklistText } from './checklist.ts';

type Props = { base: TaskCardFragment; theirs: TaskCardFragment; onTheirs: () => void; onMine: () => void };

/** Says what became of a task elsewhere while it is edited here, and asks which of both is to stay. */
export function Overtaken({ base, theirs, onTheirs, onMine }: Props) {
  return (
    <div className="overtaken" role="alert">
      <p>This task was changed elsewhere while you were editing it:</p>
      <ul>
        {differences(base, theirs).map(([name, value]) => (
          <li key={name}>
            {name}: <strong>{value || 'none'}</strong>
          </li>
        ))}
      </ul>
      <div className="inline">
        <button type="button" onClick={onTheirs}>
          Take theirs
        </button>
        <button type="button" onClick={onMine}>
          Keep mine
        </button>
      </div>
    </div>
  );
}

function differences(base: TaskCardFragment, theirs: TaskCardFragment): [name: string, value: string][] {
  const before = facts(base);
  return Object.entries(facts(theirs)).filter(([name, value]) => value !== before[name]);
}

const facts = (task: TaskCardFragment): Record<string, string> => ({
  Title: task.title,
  Status: titleOf(task.status),
  Description: task.description ?? '',
  Priority: task.priority.toLowerCase(),
  Due: task.dueAt ? dateText(task.dueAt) : '',
  Tags: task.tags.join(', '),
  Checklist: checklistText(task),
});
