import { useEffect, useState } from 'react';
import { useClient, useMutation, useQuery } from 'urql';
import { FeedDocument, MarkAllReadDocument, MarkReadDocument } from '../generated/operations.ts';
import { dateText } from '../ui/dates.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';

/** What happened to the user's tasks, the newest first. */
export default function FeedScreen() {
  const [unread, setUnread] = useState(false);
  const [after, setAfter] = useState<string | null>(null);
  const client = useClient();
  useEffect(() => setAfter(null), [unread, client]);
  const [{ data, error, fetching }, retry] = useQuery({ query: FeedDocument, variables: { after, unread } });
  const [, markRead] = useMutation(MarkReadDocument);
  const [, markAllRead] = useMutation(MarkAllReadDocument);
  const { nodes = [], pageInfo } = data?.me.notifications ?? {};
  const entries = unread ? nodes.filter((entry) => !entry.readAt) : nodes;

  return (
    <section className="sheet">
      <header>
        <h1>Feed</h1>
        <label className="check">
          <input type="checkbox" checked={unread} onChange={(event) => setUnread(event.target.checked)} /> Unread only
        </label>
        <button disabled={!data?.me.unreadNotifications} onClick={() => void markAllRead({ key: crypto.randomUUID() })}>
          Mark all as read
        </button>
      </header>
      {error && !data ? (
        <Failed error={error} retry={() => retry({ requestPolicy: 'network-only' })} />
      ) : !data ? (
        <Loading />
      ) : entries.length === 0 ? (
        <Empty text="Nothing new." />
      ) : (
        <ul className="rows feed">
          {entries.map((entry) => (
            <li key={entry.id} data-unread={!entry.readAt || undefined}>
              <span>{entry.message}</span>
              <time dateTime={entry.createdAt}>{dateText(entry.createdAt)}</time>
              {!entry.readAt && (
                <button onClick={() => void markRead({ id: entry.id, key: crypto.randomUUID() })}>
                  Mark as read<span className="hidden">: {entry.message}</span>
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {pageInfo?.hasNextPage && (
        <button className="quiet more" disabled={fetching} onClick={() => setAfter(pageInfo.endCursor ?? null)}>
          Show more
        </button>
      )}
    </section>
  );
}
