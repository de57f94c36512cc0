// Creates the topics that are missing, then ends: the chart's Job.
import { readConfig } from '@todo/service/config';
import { endOnSignal } from '@todo/service/shutdown';
import { createTopicsConfig } from './create-topics-config.ts';
import { createTopics } from './topics.ts';

endOnSignal();
const { cluster, safety } = readConfig(createTopicsConfig);
const created = await createTopics(cluster, AbortSignal.timeout(120_000), safety);
console.log(created.length === 0 ? 'every topic is there' : `created ${created.join(', ')}`);
