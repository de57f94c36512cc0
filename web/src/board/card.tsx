import { useRef, type KeyboardEvent } from 'react';
import type { TaskCardFragment, TaskStatus } from '../generated/operations.ts';
import { useStore } from '../graphql/store.ts';
import { announce } from '../ui/announcer.tsx';
import { dateText } from '../ui/dates.ts';
import { carried } from './carried.ts';
import { COLUMNS, targetsOf, titleOf } from './columns.ts';
import { useMove } from './use-move.ts';

/** A task on the board. */
export function Card({ task, onOpen }: { task: TaskCardFragment; onOpen: (id: string) => void }) {
  const move = useMove();
  const moving = useStore(carried);
  const isCarried = moving?.task.id === task.id;
  const button = useRef<HTMLButtonElement>(null);
  const done = task.checklist.filter((item) => item.done).length;

  const onKeyDown = (event: KeyboardEvent): void => {
    if (isCarried) return carry(event);
    if (event.key !== ' ') return;
    event.preventDefault();
    carried.set({ task });
    announce(`“${task.title}” picked up. It can go to ${targetsOf(task.status).map(titleOf).join(', ')}.`);
  };
  const carry = (event: KeyboardEvent): void => {
    if (!moving) return;
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0 && ![' ', 'Enter', 'Escape'].includes(event.key)) return;
    event.preventDefault();
    if (step !== 0) {
      const over = neighbour(task.status, moving.over ?? task.status, step);
      carried.set({ task, over });
      announce(titleOf(over));
      return;
    }
    carried.set(undefined);
    if (event.key === 'Escape' || moving.over === undefined || moving.over === task.status)
      return announce(`“${task.title}” stays in ${titleOf(task.status)}.`);
    move(task, moving.over);
    // It is in another list from now on: the keyboard goes with it.
    requestAnimationFrame(() => document.getElementById(`card-${task.id}`)?.focus());
  };

  return (
    <li
      className={`card ${task.priority.toLowerCase()}`}
      data-carried={isCarried || undefined}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData('text/plain', task.title);
        event.dataTransfer.effectAllowed = 'move';
        carried.set({ task });
      }}
      onDragEnd={() => carried.set(undefined)}
    >
      <button
        ref={button}
        id={`card-${task.id}`}
        className="title"
        aria-describedby="how-to-move"
        onClick={() => onOpen(task.id)}
        onKeyDown={onKeyDown}
        onKeyUp={(event) => event.key === ' ' && event.preventDefault()}
        onBlur={() => isCarried && carried.set(undefined)}
      >
        {task.title}
      </button>
      {task.description && <p className="excerpt">{task.description}</p>}
      <div className="facts">
        {task.priority !== 'NORMAL' && <span className="priority">{task.priority.toLowerCase()}</span>}
        {task.dueAt && (
          <time dateTime={task.dueAt} className={task.isOverdue ? 'overdue' : undefined}>
            {task.isOverdue && 'Overdue: '}
            {dateText(task.dueAt)}
          </time>
        )}
        {task.checklist.length > 0 && (
          <span>
            {done}/{task.checklist.length} done
          </span>
        )}
        {task.tags.map((tag) => (
          <span key={tag} className="tag">
            {tag}
          </span>
        ))}
      </div>
      <select
        className="move"
        aria-label={`Move “${task.title}”`}
        value=""
        onChange={(event) => move(task, event.target.value as TaskStatus)}
      >
        <option value="">Move</option>
        {targetsOf(task.status).map((status) => (
          <option key={status} value={status}>
            {titleOf(status)}
          </option>
        ))}
      </select>
    </li>
  );
}

/** The next column in a direction that the task may be in; where it is, if there is none. */
function neighbour(own: TaskStatus, from: TaskStatus, step: number): TaskStatus {
  const allowed = COLUMNS.map(({ status }) => status).filter(
    (status) => status === own || targetsOf(own).includes(status),
  );
  return allowed[allowed.indexOf(from) + step] ?? from;
}
