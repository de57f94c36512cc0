// Creates the topics that are missing, then ends: the chart's Job.
import { readConfig } from '@todo/service/config';
import { createTopicsConfig } from './create-topics-config.ts';
import { createTopics } from './topics.ts';

// The first process of a container ignores what it does not handle.
process.once('SIGTERM', () => process.exit(143));
const { cluster, safety } = readConfig(createTopicsConfig);
const created = await createTopics(cluster, AbortSignal.timeout(120_000), safety);
console.log(created.length === 0 ? 'every topic is there' : `created ${created.join(', ')}`);
