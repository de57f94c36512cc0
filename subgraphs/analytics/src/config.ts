import { serviceConfig } from '@todo/service/config';
import { z } from 'zod';

export const analyticsConfig = serviceConfig.extend({
  ANALYTICS_DATABASE_URL: z.url().describe("analytics' own database"),
  ANALYTICS_READ_URL: z
    .url()
    .optional()
    .describe('a replica of it, which reports are read from; how late it is, is said in their `asOf`'),
  HISTORY_DAYS: z.coerce
    .number()
    .int()
    .min(31)
    .max(3660)
    .default(400)
    .describe("days for which a task's history is kept, to the end of their month"),
});
