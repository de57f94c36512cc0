import type { Live } from '../graphql/live.ts';
import { useStore } from '../graphql/store.ts';

const TEXTS = { live: 'Live', connecting: 'Connecting …', offline: 'Offline' };

/** Says whether changes come as they happen. */
export function LiveBadge({ live }: { live: Live }) {
  const status = useStore(live.status);
  return (
    <span className={`badge ${status}`} role="status" aria-label={`Connection: ${TEXTS[status]}`}>
      {TEXTS[status]}
    </span>
  );
}
