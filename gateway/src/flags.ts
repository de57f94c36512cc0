import { parseArgs } from 'node:util';
import { z } from 'zod';
import { gatewayConfig, isSecret } from './config.ts';

/** What a command line asks for: settings by their variables' names, and where the configuration file is. */
export type Flags = {
  does: 'run' | 'check' | 'help' | 'print-schema';
  configFile: string | undefined;
  settings: Record<string, string>;
};

const settings: Record<string, z.ZodType> = gatewayConfig.in.shape;
/** A setting's flag, without its dashes. */
export const flagOf = (key: string): string => key.toLowerCase().replaceAll('_', '-');
const flags = new Map(
  Object.keys(settings)
    .filter((key) => !isSecret(key))
    .map((key) => [flagOf(key), key]),
);

/** A command line that is not understood. */
export class UnknownFlag extends Error {}

/** Reads a command line. Throws UnknownFlag. */
export function parseFlags(args: string[]): Flags {
  const known: Record<string, { type: 'string' | 'boolean' }> = {
    help: { type: 'boolean' },
    check: { type: 'boolean' },
    'print-schema': { type: 'boolean' },
    config: { type: 'string' },
  };
  for (const flag of flags.keys()) known[flag] = { type: 'string' };
  try {
    const { config, ...given } = parseArgs({ args, options: known, allowPositionals: false }).values;
    const asked = (['help', 'print-schema', 'check'] as const).find((mode) => given[mode] === true);
    return {
      does: asked ?? 'run',
      configFile: config as string | undefined,
      settings: Object.fromEntries(
        Object.entries(given).flatMap(([flag, value]) => {
          const key = flags.get(flag);
          return key === undefined ? [] : [[key, String(value)]];
        }),
      ),
    };
  } catch (error) {
    throw new UnknownFlag((error as Error).message.split('. To specify')[0], { cause: error });
  }
}

/** `parseFlags` for the program's start: exits with 2 on what is not understood. */
export function readFlags(args: string[]): Flags {
  try {
    return parseFlags(args);
  } catch (error) {
    if (!(error instanceof UnknownFlag)) throw error;
    process.stderr.write(`${error.message}\nnpm run gateway -- --help lists the flags\n`);
    process.exit(2);
  }
}

/** Lists every flag and variable with its default. */
export function help(): string {
  const lines = Object.entries(settings).map(([key, setting]) => {
    const flag = flags.has(flagOf(key)) ? `--${flagOf(key)}` : '';
    const fallback = setting.safeParse(undefined);
    const given = fallback.success && fallback.data !== undefined && key !== 'REPLICA_ID' ? String(fallback.data) : '';
    const note = [setting.description, given && `[${given}]`].filter(Boolean).join(' ');
    return `  ${flag.padEnd(32)}${key.padEnd(30)}${note}`;
  });
  return `usage: npm run gateway -- --supergraph FILE [--port N] [--auth off] …

Serves a federated graph. Alone, over a supergraph whose subgraphs are plain http(s), it needs nothing else;
beside a Dapr sidecar it invokes subgraphs through it and feeds subscriptions from topics.

  --config FILE   a configuration file (YAML): the settings below in camelCase, as \`maxDepth: 10\`, lists as lists.
                  Also GATEWAY_CONFIG. A flag goes before a variable, and that before the file.
  --check         checks configuration and supergraph, then exits: 0 where both hold together, else 1
  --print-schema  prints a JSON schema of the configuration file
  --help          this text

  ${'flag'.padEnd(32)}${'or variable'.padEnd(30)}meaning [default]
${lines.join('\n')}
`;
}
