import type { Database } from '@todo/service/orm';
import { TaskChangeRow } from './entity.ts';
import { DailyActivity } from './migrations/001-daily-activity.ts';
import { TaskFacts } from './migrations/002-task-facts.ts';
import { CoarseFigures } from './migrations/003-coarse-figures.ts';

export const database: Database = {
  entities: [TaskChangeRow],
  migrations: [
    { name: '001-daily-activity', class: DailyActivity },
    { name: '002-task-facts', class: TaskFacts },
    { name: '003-coarse-figures', class: CoarseFigures },
  ],
};
