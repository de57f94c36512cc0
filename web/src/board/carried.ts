import type { TaskCardFragment, TaskStatus } from '../generated/operations.ts';
import { createStore } from '../graphql/store.ts';

/** The task that is being moved; `over` is the column that it would be dropped in. */
export type Carried = { task: TaskCardFragment; over?: TaskStatus | undefined };

export const carried = createStore<Carried | undefined>(undefined);
