import { serviceConfig } from '@todo/service/config';
import { z } from 'zod';

export const taskConfig = serviceConfig.extend({
  TASK_DATABASE_URL: z.url().describe('the database that the state store keeps its table in'),
  SCHEDULER_APP_ID: z.string().default('scheduler-service').describe('the one app that may call /internal routes'),
});
