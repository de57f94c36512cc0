import { useEffect, useMemo, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { ColumnDocument, type TaskFilter, type TaskOrder, type TaskStatus } from '../generated/operations.ts';
import { useStore } from '../graphql/store.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { Card } from './card.tsx';
import { carried } from './carried.ts';
import { targetsOf } from './columns.ts';
import { inOrder } from './order.ts';
import { useMove } from './use-move.ts';
import { useTotal } from './use-total.ts';

type Props = {
  status: TaskStatus;
  title: string;
  filter: TaskFilter;
  orderBy: TaskOrder;
  onOpen: (id: string) => void;
};

/** The tasks of one status, page by page. */
export function Column({ status, title, filter, orderBy, onOpen }: Props) {
  const [after, setAfter] = useState<string | null>(null);
  const client = useClient();
  useEffect(() => setAfter(null), [filter, orderBy, client]);
  const [{ data, error, fetching }, retry] = useQuery({ query: ColumnDocument, variables: { filter, orderBy, after } });
  const move = useMove();
  const moving = useStore(carried);
  const isTarget = moving !== undefined && targetsOf(moving.task.status).includes(status);

  const tasks = useMemo(
    // A task is where its status says, also before its lists have followed.
    () => (data?.tasks.nodes ?? []).filter((task) => task.status === status).toSorted(inOrder(orderBy)),
    [data, status, orderBy],
  );
  const { hasNextPage, endCursor } = data?.tasks.pageInfo ?? {};
  const total = useTotal(filter, data, hasNextPage === true);

  return (
    <section
      className="column"
      aria-labelledby={`column-${status}`}
      data-status={status}
      data-target={isTarget || undefined}
      data-over={(isTarget && moving.over === status) || undefined}
      onDragOver={(event) => {
        if (!isTarget) return;
        event.preventDefault();
        if (moving.over !== status) carried.set({ ...moving, over: status });
      }}
      onDrop={(event) => {
        event.preventDefault();
        if (isTarget) move(moving.task, status);
        carried.set(undefined);
      }}
    >
      <h2 id={`column-${status}`}>
        {title} {data && <span className="count">{hasNextPage ? (total ?? `${tasks.length}+`) : tasks.length}</span>}
      </h2>
      {error && !data ? (
        <Failed error={error} retry={() => retry({ requestPolicy: 'network-only' })} />
      ) : !data ? (
        <Loading />
      ) : tasks.length === 0 && !hasNextPage ? (
        <Empty text={Object.keys(filter).length > 1 ? 'Nothing that fits.' : 'Nothing here.'} />
      ) : (
        <ul>
          {tasks.map((task) => (
            <Card key={task.id} task={task} onOpen={onOpen} />
          ))}
        </ul>
      )}
      {hasNextPage && endCursor && <More isBusy={fetching} onMore={() => setAfter(endCursor)} />}
    </section>
  );
}

/** Asks for the next page once it comes into view; the button is for those who do not scroll. */
function More({ isBusy, onMore }: { isBusy: boolean; onMore: () => void }) {
  const [button, setButton] = useState<HTMLButtonElement | null>(null);
  useEffect(() => {
    if (!button || isBusy) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onMore());
    observer.observe(button);
    return () => observer.disconnect();
  }, [button, isBusy, onMore]);
  return (
    <button ref={setButton} className="quiet more" disabled={isBusy} onClick={onMore}>
      {isBusy ? 'Loading …' : 'Show more'}
    </button>
  );
}
