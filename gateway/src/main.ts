import { environment, orExit } from '@todo/service/config';
import { createLogger } from '@todo/service/logger';
import { stopOnSignal } from '@todo/service/shutdown';
import { configFileSchema } from './config-file.ts';
import { help, readFlags } from './flags.ts';
import { checkSupergraph, startGateway } from './gateway.ts';
import { loadConfig } from './load-config.ts';
import { collectProcessMetrics, createMetrics } from './metrics.ts';

/** What closing connections and ports, and sending the last spans, takes beside requests under way. */
const STOP_MARGIN_MS = 5000;

const flags = readFlags(process.argv.slice(2));
if (flags.does === 'help') process.stdout.write(help());
else if (flags.does === 'print-schema') process.stdout.write(configFileSchema());
else await start();

async function start(): Promise<void> {
  const config = orExit(() => loadConfig(flags, environment()));
  const logger = createLogger('gateway', config.LOG_LEVEL);
  const metrics = createMetrics();
  const context = { config, logger, metrics };
  try {
    if (flags.does === 'check') {
      const { subgraphs } = await checkSupergraph(context);
      logger.info({ subgraphs }, 'configuration and supergraph hold together');
      return;
    }
    collectProcessMetrics(metrics);
    const gateway = await startGateway(context);
    stopOnSignal(gateway.stop, logger, config.DRAIN_DELAY_MS + config.SHUTDOWN_GRACE_MS + STOP_MARGIN_MS);
    logger.info({ url: gateway.url, internalUrl: gateway.internalUrl }, 'gateway started');
  } catch (error) {
    logger.fatal({ err: error }, 'the gateway cannot start');
    process.exit(1);
  }
}
