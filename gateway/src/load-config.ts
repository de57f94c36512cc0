import { parseConfig } from '@todo/service/config';
import { readConfigFile, type ConfigFile } from './config-file.ts';
import { gatewayConfig, type GatewayConfig } from './config.ts';
import { flagOf, type Flags } from './flags.ts';

const NO_FILE: ConfigFile = { values: {}, places: {}, problems: [] };

/**
 * The gateway's configuration: flags go before the environment's variables, those before the file (`--config` or
 * GATEWAY_CONFIG), and that before the defaults.
 * @throws ConfigError that lists every problem at once, with where the value came from
 */
export function loadConfig(flags: Flags, environment: Record<string, string | undefined>): GatewayConfig {
  const variables = Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
  const path = flags.configFile ?? variables['GATEWAY_CONFIG'];
  const file = path === undefined ? NO_FILE : readConfigFile(path);
  const labelOf = (key: string): string => {
    if (flags.settings[key]) return `--${flagOf(key)}`;
    return variables[key] ? `${key} (environment)` : (file.places[key] ?? key);
  };
  return parseConfig(gatewayConfig, { ...file.values, ...variables, ...flags.settings }, labelOf, file.problems);
}
