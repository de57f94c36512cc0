import { parseArgs } from 'node:util';
import { z } from 'zod';
import { gatewayConfig } from './config.ts';

const settings: Record<string, z.ZodType> = gatewayConfig.in.shape;
const flagOf = (key: string): string => key.toLowerCase().replaceAll('_', '-');
// A command line shows in the list of processes: no place for a secret.
const flags = new Map(
  Object.keys(settings)
    .filter((key) => !key.endsWith('_TOKEN'))
    .map((key) => [flagOf(key), key]),
);

/** A command line that is not understood. */
export class UnknownFlag extends Error {}

/** The configuration that a command line gives; `help` where it asks for that. Throws UnknownFlag. */
export function parseFlags(args: string[]): Record<string, string> | 'help' {
  const known: Record<string, { type: 'string' | 'boolean' }> = { help: { type: 'boolean' } };
  for (const flag of flags.keys()) known[flag] = { type: 'string' };
  try {
    const { help: wantsHelp, ...given } = parseArgs({ args, options: known, allowPositionals: false }).values;
    if (wantsHelp) return 'help';
    return Object.fromEntries(Object.entries(given).map(([flag, value]) => [flags.get(flag), String(value)]));
  } catch (error) {
    throw new UnknownFlag((error as Error).message.split('. To specify')[0], { cause: error });
  }
}

/** `parseFlags` for the program's start: prints the help and exits with 0, or with 2 on what is not understood. */
export function readFlags(args: string[]): Record<string, string> {
  try {
    const values = parseFlags(args);
    if (values !== 'help') return values;
    process.stdout.write(help());
    process.exit(0);
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

  ${'flag'.padEnd(32)}${'or variable'.padEnd(30)}meaning [default]
${lines.join('\n')}
`;
}
