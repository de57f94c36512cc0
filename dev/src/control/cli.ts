import { parseArgs } from 'node:util';
import type { PartStatus } from '../parts/part.ts';
import { act, listParts } from './client.ts';
import { actions } from './server.ts';

const usage = `Usage: npm run stack -- list | ${actions.join(' NAME… | ')} NAME…  [--data DIR]

Controls single parts of the running stack; several at once where several are named. The parts of api-gateway-replica run
only once somebody starts them, as npm run gateway:replica does.
  list      each part with its state, process id and port
  stop      stop it gracefully; the others go on
  start     start it again, until it is ready
  restart   both
  kill      end it at once, as a crash would
  pause     freeze it: its connections stay, nothing answers
  resume    let it go on
  --data    the data directory of the stack (default .data)
`;

const show = (parts: PartStatus[]): void => {
  for (const { name, state, pid, port } of parts) {
    console.log(`${name.padEnd(28)} ${state.padEnd(9)} ${String(pid ?? '-').padStart(8)} ${String(port).padStart(6)}`);
  }
};

const run = async (args: string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { help: { type: 'boolean', default: false }, data: { type: 'string', default: '.data' } },
  });
  const [command, ...names] = positionals;
  const action = actions.find((each) => each === command);
  if (values.help) console.log(usage);
  else if (command === 'list' && names.length === 0) show(await listParts(values.data));
  else if (action !== undefined && names.length > 0)
    show(await Promise.all(names.map((name) => act(values.data, name, action))));
  else {
    console.error(usage);
    return 2;
  }
  return 0;
};

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true ? 2 : 1;
}
