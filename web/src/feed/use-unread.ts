import { useQuery, useSubscription } from 'urql';
import { MeDocument, NotificationCreatedDocument } from '../generated/operations.ts';

/** How many feed entries are unread, at any moment. */
export function useUnread(): number {
  const [{ data }] = useQuery({ query: MeDocument });
  useSubscription({ query: NotificationCreatedDocument });
  return data?.me.unreadNotifications ?? 0;
}
