import type { Resolvers } from '../generated/resolvers.ts';
import { activity } from './activity.ts';

export const resolvers: Resolvers = {
  User: {
    __resolveReference: ({ id }) => ({ id }),
    activity,
  },
};
