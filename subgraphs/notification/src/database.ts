import type { Database } from '@todo/service/orm';
import { NotificationRow } from './entity.ts';
import { FeedProjection } from './migrations/001-feed-projection.ts';
import { Deliveries } from './migrations/002-deliveries.ts';
import { DigestOfEntry } from './migrations/003-digest-of-entry.ts';
import { TargetsOfDeliveries } from './migrations/004-targets-of-deliveries.ts';
import { OwnersOfDeliveries } from './migrations/005-owners-of-deliveries.ts';

/** The read side of the notification state. */
export const database: Database = {
  entities: [NotificationRow],
  migrations: [
    { name: '001-feed-projection', class: FeedProjection },
    { name: '002-deliveries', class: Deliveries },
    { name: '003-digest-of-entry', class: DigestOfEntry },
    { name: '004-targets-of-deliveries', class: TargetsOfDeliveries },
    { name: '005-owners-of-deliveries', class: OwnersOfDeliveries },
  ],
};
