import { readConfig } from '@todo/service/config';
import { createLogger } from '@todo/service/logger';
import { stopOnSignal } from '@todo/service/shutdown';
import { gatewayConfig } from './config.ts';
import { readFlags } from './flags.ts';
import { startGateway } from './gateway.ts';
import { collectProcessMetrics, createMetrics } from './metrics.ts';

const config = readConfig(gatewayConfig, { ...process.env, ...readFlags(process.argv.slice(2)) });
const logger = createLogger('gateway', config.LOG_LEVEL);
const metrics = createMetrics();
collectProcessMetrics(metrics);
const gateway = await startGateway({ config, logger, metrics });
stopOnSignal(gateway.stop, logger);
logger.info({ url: gateway.url, internalUrl: gateway.internalUrl }, 'gateway started');
