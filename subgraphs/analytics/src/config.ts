import { serviceConfig } from '@todo/service/config';
import { z } from 'zod';

export const analyticsConfig = serviceConfig.extend({
  ANALYTICS_DATABASE_URL: z.url().describe("analytics' own database"),
});
