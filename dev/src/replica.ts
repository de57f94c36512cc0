import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { killPart, listParts, startPart, stopPart } from './control/client.ts';
import { readReady } from './start/ready.ts';
import type { GatewayReplica } from './start/ready.ts';
import { createStopSwitch } from './start/stopSwitch.ts';
import type { StopSwitch } from './start/stopSwitch.ts';

const usage = `Usage: npm run gateway:replica -- [--data DIR]

Starts a second replica of the gateway, with a sidecar of its own, in the running stack, and stops both on Ctrl-C.

  --data DIR   the data directory of the stack (default .data)
  --help       this text
`;

const findReplica = async (dataDir: string): Promise<GatewayReplica> => {
  const ready = readReady(dataDir);
  if (ready === undefined) throw new Error(`no stack is ready on ${dataDir}; npm start starts one`);
  const [, replica] = ready.gateways;
  if (replica === undefined)
    throw new Error('no app of this stack has a public port (PORT): there is nothing to add to');
  const running = (await listParts(dataDir)).filter(({ name, pid }) => replica.parts.includes(name) && pid !== null);
  if (running.length > 0) {
    const names = running.map(({ name }) => name).join(' ');
    throw new Error(`the replica runs already; to stop it: npm run stack -- stop ${names}`);
  }
  return replica;
};

const stackRuns = (dataDir: string): Promise<boolean> =>
  listParts(dataDir).then(
    () => true,
    () => false,
  );

/** Ends the run when the stack does, which stops the replica itself. */
const watchStack = async (dataDir: string, { signal, stop }: StopSwitch): Promise<void> => {
  while (!signal.aborted) {
    if (!(await stackRuns(dataDir))) stop({ say: 'the stack has stopped' });
    // Aborted is what the loop asks for.
    await delay(1000, undefined, { signal }).catch(() => undefined);
  }
};

/** The app first: it tells its clients, and finishes what is under way through its sidecar. */
const stopParts = async (dataDir: string, parts: string[]): Promise<void> => {
  for (const part of parts) {
    await stopPart(dataDir, part).catch(async (error: unknown) => {
      if (await stackRuns(dataDir)) throw error;
    });
  }
};

/** Runs the replica until something ends it; the exit code. */
const run = async (dataDir: string): Promise<number> => {
  const begin = performance.now();
  const { name, graphql, parts } = await findReplica(dataDir);
  const stopSwitch = createStopSwitch(() => void Promise.allSettled(parts.map((part) => killPart(dataDir, part))));
  Promise.all(parts.map((part) => startPart(dataDir, part)))
    .then(() => {
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      console.log(`${name} is ready in ${seconds} s\n\n  GraphQL    ${graphql}\n\nCtrl-C stops it.`);
      return watchStack(dataDir, stopSwitch);
    })
    .catch((error: Error) => stopSwitch.stop({ say: 'it could not start', failure: error.message }));
  const { failure, say } = await stopSwitch.reason;
  if (failure !== undefined) console.error(failure);
  console.log(`Stopping ${name}: ${say}`);
  await stopParts(dataDir, parts);
  console.log('Stopped.');
  return failure === undefined ? 0 : 1;
};

try {
  const { values } = parseArgs({
    options: { help: { type: 'boolean', default: false }, data: { type: 'string', default: '.data' } },
  });
  if (values.help) console.log(usage);
  // Connections that are kept alive must not hold up the end.
  else process.exit(await run(values.data));
} catch (error) {
  console.error((error as Error).message);
  process.exit((error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true ? 2 : 1);
}
