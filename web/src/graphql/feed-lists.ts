import type { Cache } from '@urql/exchange-graphcache';
import { gql } from 'urql';

const COUNT = gql`
  fragment Unread on User {
    id
    unreadNotifications
  }
`;

/** Puts a new entry on top of the feed. */
export function addToFeed(cache: Cache, id: string): void {
  const me = cache.resolve('Query', 'me') as string | null;
  if (!me) return;
  const key = `Notification:${id}`;
  for (const { fieldName, fieldKey, arguments: args } of cache.inspectFields(me)) {
    if (fieldName !== 'notifications' || args?.['after']) continue;
    const list = cache.resolve(me, fieldKey) as string | null;
    const nodes = list && (cache.resolve(list, 'nodes') as string[] | null);
    if (list && nodes && !nodes.includes(key)) cache.link(list, 'nodes', [key, ...nodes]);
  }
}

/** One entry was read. */
export const countRead = (cache: Cache): void => changeCount(cache, -1);

function changeCount(cache: Cache, by: number): void {
  const me = cache.resolve('Query', 'me') as string | null;
  const unread = me && (cache.resolve(me, 'unreadNotifications') as number | null);
  if (!me || typeof unread !== 'number') return;
  cache.writeFragment(COUNT, {
    __typename: 'User',
    id: cache.resolve(me, 'id') as string,
    unreadNotifications: Math.max(0, unread + by),
  });
}
