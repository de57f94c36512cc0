import { useEffect } from 'react';
import { useQuery, useSubscription } from 'urql';
import { MeDocument, NotificationCreatedDocument } from '../generated/operations.ts';

/** Several events at once are one question. */
const PAUSE_MS = 200;

/** How many feed entries are unread, at any moment. */
export function useUnread(isOpen: boolean): number {
  const [{ data }, read] = useQuery({ query: MeDocument, pause: !isOpen });
  const [{ data: event }] = useSubscription({ query: NotificationCreatedDocument });
  const last = event?.notificationCreated.id;
  // Asked again rather than counted up: whatever was read meanwhile, elsewhere too, is in it.
  useEffect(() => {
    if (last === undefined) return;
    const timer = setTimeout(() => read({ requestPolicy: 'network-only' }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [last, read]);
  return data?.me.unreadNotifications ?? 0;
}
