import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../process/tool.ts';
import { cacheDir, cached } from '../start/cache.ts';
import { inheritedEnv } from '../start/stack.ts';
import type { Stack } from '../start/stack.ts';

/** The version that dev/kafka/pom.xml asks for. */
const NAME = 'kafka-4.1.0';

/** Whether the broker's jars are in the user's cache already, so that Maven is not needed. */
export const haveJars = (env: NodeJS.ProcessEnv): boolean => existsSync(join(cacheDir(env), NAME));

/** The folder with the broker's jars, downloaded once into the user's cache. */
export const kafkaJars = (
  stack: Pick<Stack, 'root' | 'env' | 'ledger' | 'signal' | 'progress' | 'supervisor'>,
): Promise<string> =>
  cached(stack.env, NAME, async (dir) => {
    stack.progress.say('  Downloading Kafka with Maven, this once: about 45 MB');
    await runTool(stack.ledger, stack.supervisor.logFile('kafka-download'), stack.signal, {
      name: 'kafka-download',
      command: 'mvn',
      args: [
        '-B',
        '-q',
        '-f',
        join(stack.root, 'dev', 'kafka', 'pom.xml'),
        'dependency:copy-dependencies',
        `-DoutputDirectory=${dir}`,
      ],
      env: inheritedEnv(stack.env),
    });
  });
