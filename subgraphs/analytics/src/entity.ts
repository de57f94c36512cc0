import { defineEntity, p } from '@mikro-orm/core';

/** How many tasks a user created and completed on a day (UTC). */
export const DailyActivityRow = defineEntity({
  name: 'DailyActivityRow',
  tableName: 'daily_activity',
  properties: {
    ownerId: p.string().primary(),
    day: p.date().primary(),
    created: p.integer(),
    completed: p.integer(),
  },
});
