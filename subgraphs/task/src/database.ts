import type { Database } from '@todo/service/orm';
import { TaskRow } from './entity.ts';
import { TaskProjection } from './migrations/001-task-projection.ts';
import { TaskLists } from './migrations/002-task-lists.ts';

/** The read side of the task state. */
export const database: Database = {
  entities: [TaskRow],
  migrations: [
    { name: '001-task-projection', class: TaskProjection },
    { name: '002-task-lists', class: TaskLists },
  ],
};
