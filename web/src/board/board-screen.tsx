import { useMemo, useState } from 'react';
import type { TaskFilter, TaskOrder } from '../generated/operations.ts';
import { TaskDialog } from '../task/task-dialog.tsx';
import { Announcer } from '../ui/announcer.tsx';
import { Column } from './column.tsx';
import { COLUMNS } from './columns.ts';
import { Filters } from './filters.tsx';

const NEWEST: TaskOrder = { field: 'CREATED_AT', direction: 'DESC' };

/** The tasks by status: they are moved by pointer, by keyboard or by menu. */
export function BoardScreen() {
  const [filter, setFilter] = useState<TaskFilter>({});
  const [orderBy, setOrderBy] = useState(NEWEST);
  const [opened, setOpened] = useState<string | 'new'>();
  // One more list of the same is another one only where what it asks for is.
  const columns = useMemo(
    () => COLUMNS.map((column) => ({ ...column, filter: { ...filter, status: [column.status] } })),
    [filter],
  );
  return (
    <>
      <h1 className="hidden">Board</h1>
      <div className="toolbar">
        <Filters onFilter={setFilter} orderBy={orderBy} onOrder={setOrderBy} />
        <button className="primary" onClick={() => setOpened('new')}>
          New task
        </button>
      </div>
      <p id="how-to-move" className="hidden">
        Press Space to pick the task up, the arrow keys to choose a column, Space to drop it there, Escape to leave it.
      </p>
      <div className="board">
        {columns.map((column) => (
          <Column key={column.status} {...column} orderBy={orderBy} onOpen={setOpened} />
        ))}
      </div>
      <Announcer />
      {opened !== undefined && (
        <TaskDialog id={opened === 'new' ? undefined : opened} onClose={() => setOpened(undefined)} />
      )}
    </>
  );
}
