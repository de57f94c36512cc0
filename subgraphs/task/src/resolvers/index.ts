import { requireIdentity } from '@todo/service/errors';
import { DateTime } from '@todo/service/scalars';
import type { Resolvers } from '../generated/resolvers.ts';
import { isOpen } from '../task.ts';
import { completeTasks, deleteTasks } from './change-many.ts';
import { cancelTask, completeTask, reopenTask, startTask } from './change-status.ts';
import { checkItem } from './check-item.ts';
import { createTask } from './create-task.ts';
import { deleteTask } from './delete-task.ts';
import { tasks, totalCount, userTasks } from './tasks.ts';
import { updateTask } from './update-task.ts';

export const resolvers: Resolvers = {
  DateTime,
  Query: {
    me: (_, _args, context) => ({ id: requireIdentity(context).sub }),
    task: (_, { id }, context) => {
      requireIdentity(context);
      return context.tasks.load(id);
    },
    tasks,
  },
  Mutation: {
    createTask,
    updateTask,
    checkItem,
    startTask,
    completeTask,
    reopenTask,
    cancelTask,
    deleteTask,
    completeTasks,
    deleteTasks,
  },
  User: {
    __resolveReference: ({ id }) => ({ id }),
    tasks: userTasks,
  },
  TaskConnection: { totalCount },
  Task: {
    __resolveReference: ({ id }, context) => context.tasks.load(id),
    isOverdue: (task) => isOpen(task) && task.dueAt !== null && Date.parse(task.dueAt) < Date.now(),
  },
};
