import type { Database } from '@todo/service/orm';
import { DailyActivityRow } from './entity.ts';
import { DailyActivity } from './migrations/001-daily-activity.ts';

export const database: Database = {
  entities: [DailyActivityRow],
  migrations: [{ name: '001-daily-activity', class: DailyActivity }],
};
