// npm run analytics:rebuild: works out all figures anew from what is known of the tasks, while the service runs.
import { readConfig } from '@todo/service/config';
import { createLogger } from '@todo/service/logger';
import { migrate, openDatabase } from '@todo/service/orm';
import { analyticsConfig } from '../config.ts';
import { database } from '../database.ts';
import { rebuild } from './rebuild.ts';

const { ANALYTICS_DATABASE_URL } = readConfig(analyticsConfig.pick({ ANALYTICS_DATABASE_URL: true }));
const orm = await openDatabase(ANALYTICS_DATABASE_URL, database, createLogger('analytics-rebuild', 'warn'));
const begin = performance.now();
try {
  await migrate(orm);
  await rebuild(orm, (done, total) => {
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    console.log(`${done.toLocaleString('en')} of ${total.toLocaleString('en')} tasks, ${seconds} s`);
  });
  console.log('The figures are rebuilt.');
} finally {
  await orm.close();
}
