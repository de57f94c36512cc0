import { useEffect, useState } from 'react';
import type { TaskFilter, TaskOrder, TaskPriority } from '../generated/operations.ts';

const PAUSE_MS = 250;
const ORDERS: { text: string; order: TaskOrder }[] = [
  { text: 'Newest first', order: { field: 'CREATED_AT', direction: 'DESC' } },
  { text: 'Due first', order: { field: 'DUE_AT', direction: 'ASC' } },
  { text: 'Most urgent first', order: { field: 'PRIORITY', direction: 'DESC' } },
  { text: 'Changed last first', order: { field: 'UPDATED_AT', direction: 'DESC' } },
];
const PRIORITIES: TaskPriority[] = ['URGENT', 'HIGH', 'NORMAL', 'LOW'];

type Props = { onFilter: (filter: TaskFilter) => void; orderBy: TaskOrder; onOrder: (order: TaskOrder) => void };

/** What the board shows of all tasks, and in which order. */
export function Filters({ onFilter, orderBy, onOrder }: Props) {
  const [search, setSearch] = useState('');
  const [priority, setPriority] = useState('');
  const [tag, setTag] = useState('');
  const [overdue, setOverdue] = useState(false);
  useEffect(() => {
    const filter: TaskFilter = {
      ...(search.trim() && { search: search.trim() }),
      ...(priority && { priority: [priority as TaskPriority] }),
      ...(tag.trim() && { tags: [tag.trim()] }),
      ...(overdue && { overdue: true }),
    };
    const timer = setTimeout(() => onFilter(filter), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [search, priority, tag, overdue, onFilter]);

  return (
    <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span className="hidden">Search</span>
        <input
          type="search"
          placeholder="Search"
          maxLength={200}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </label>
      <label>
        <span className="hidden">Tag</span>
        <input placeholder="Tag" maxLength={50} value={tag} onChange={(event) => setTag(event.target.value)} />
      </label>
      <label>
        <span className="hidden">Priority</span>
        <select value={priority} onChange={(event) => setPriority(event.target.value)}>
          <option value="">Any priority</option>
          {PRIORITIES.map((each) => (
            <option key={each} value={each}>
              {each.toLowerCase()}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span className="hidden">Order</span>
        <select
          value={orderBy.field}
          onChange={(event) =>
            onOrder(ORDERS.find(({ order }) => order.field === event.target.value)?.order ?? orderBy)
          }
        >
          {ORDERS.map(({ text, order }) => (
            <option key={order.field} value={order.field}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label className="check">
        <input type="checkbox" checked={overdue} onChange={(event) => setOverdue(event.target.checked)} /> Overdue only
      </label>
    </form>
  );
}
