import { serviceConfig } from '@todo/service/config';
import { z } from 'zod';

export const taskConfig = serviceConfig.extend({
  TASK_DATABASE_URL: z.url().describe('the database that the state store keeps its table in'),
});
