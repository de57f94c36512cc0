import { useState } from 'react';
import { useQuery } from 'urql';
import { titleOf } from '../board/columns.ts';
import { TaskHistoryDocument, type TaskHistoryQuery } from '../generated/operations.ts';
import { dateText } from '../ui/dates.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';

type Change = NonNullable<TaskHistoryQuery['task']>['history']['nodes'][number];

/** What became of a task, the newest first. It is asked for once it is opened. */
export function HistorySection({ id, version }: { id: string; version: number }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details className="part" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>History</summary>
      {/* Each change makes it another one. */}
      {isOpen && <History key={version} id={id} />}
    </details>
  );
}

function History({ id }: { id: string }) {
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error, fetching }, retry] = useQuery({
    query: TaskHistoryDocument,
    variables: { id, after },
    requestPolicy: 'cache-and-network',
  });
  if (!data?.task) return error ? <Failed error={error} retry={() => retry()} /> : <Loading />;
  const { nodes, pageInfo } = data.task.history;
  if (nodes.length === 0) return <Empty text="Nothing is known of it yet." />;
  return (
    <>
      <ol className="timeline" aria-label="Changes">
        {nodes.map((change, index) => (
          <li key={change.version}>
            <time dateTime={change.at}>{dateText(change.at)}</time> {textOf(change, nodes[index + 1])}
          </li>
        ))}
      </ol>
      {pageInfo.hasNextPage && (
        <button
          type="button"
          className="quiet"
          disabled={fetching}
          onClick={() => setAfter(pageInfo.endCursor ?? null)}
        >
          Show more
        </button>
      )}
    </>
  );
}

const KINDS = { CREATED: 'Created', UPDATED: 'Edited', COMPLETED: 'Done', DELETED: 'Deleted' };

/** What a change made different, where what was before is known. */
function textOf(change: Change, before: Change | undefined): string {
  if (change.kind !== 'UPDATED' || !before) return KINDS[change.kind];
  const differences = [
    change.status !== before.status && `moved to ${titleOf(change.status)}`,
    change.priority !== before.priority && `priority ${change.priority.toLowerCase()}`,
    change.dueAt !== before.dueAt && (change.dueAt ? `due ${dateText(change.dueAt)}` : 'no due date any more'),
    change.tags.join() !== before.tags.join() && `tags ${change.tags.join(', ') || 'none'}`,
  ].filter(Boolean);
  const text = differences.join(', ') || 'edited';
  return text.charAt(0).toUpperCase() + text.slice(1);
}
