import { resolve } from 'node:path';
import { readApps } from './apps/list.ts';
import { startControl } from './control/server.ts';
import { socketPath } from './control/socket.ts';
import { createUser, signIn } from './identity/client.ts';
import { adminUser, demoUser } from './identity/part.ts';
import { createSupervisor } from './parts/supervisor.ts';
import { openLedger } from './process/ledger.ts';
import { stopLeftovers } from './process/leftovers.ts';
import { writePrometheusConfig } from './prometheus/config.ts';
import { startApps, startInfrastructure } from './start/bringUp.ts';
import { writeInfraEnv } from './start/infraEnv.ts';
import { parseOptions, usage } from './start/options.ts';
import { readOptions } from './start/readOptions.ts';
import type { Options } from './start/options.ts';
import { readPorts } from './start/ports.ts';
import { checkPorts, checkPrerequisites, prepareDataDir } from './start/prepare.ts';
import { createProgress } from './start/progress.ts';
import type { Progress } from './start/progress.ts';
import { describe, removeReady, writeReady } from './start/ready.ts';
import type { Ready } from './start/ready.ts';
import { readyScreen } from './start/screen.ts';
import { loadSecrets } from './start/secrets.ts';
import type { Stack } from './start/stack.ts';
import { createStopSwitch } from './start/stopSwitch.ts';
import type { StopSwitch } from './start/stopSwitch.ts';

const root = resolve(import.meta.dirname, '..', '..');

/** Checks and prepares the machine; nothing of the stack runs yet. */
const prepare = async (options: Options, progress: Progress, stopSwitch: StopSwitch): Promise<Stack> => {
  const { env } = process;
  const dataDir = resolve(options.data);
  const apps = readApps(resolve(root, options.apps));
  const ports = readPorts(env);
  await checkPrerequisites(root, env);
  const leftovers = await stopLeftovers(dataDir);
  if (leftovers.length > 0) progress.warn(`Stopped what an earlier start had left running: ${leftovers.join(', ')}`);
  await checkPorts(ports, apps, env);
  prepareDataDir(dataDir, options.fresh, env);
  removeReady(dataDir);
  const secrets = loadSecrets(
    dataDir,
    apps.map((app) => app.id),
  );
  const ledger = openLedger(dataDir);
  const supervisor = createSupervisor(ledger, dataDir, (failure) =>
    options.stay ? progress.warn(failure) : stopSwitch.stop({ say: 'a part crashed', failure }),
  );
  return { root, dataDir, apps, ports, secrets, ledger, supervisor, progress, signal: stopSwitch.signal, env };
};

/** Starts everything and tells people and tests how to use it. */
const start = async (stack: Stack, options: Options, begin: number): Promise<void> => {
  const infra = await startInfrastructure(stack);
  const seconds = (): number => (performance.now() - begin) / 1000;
  if (options.infra) {
    stack.progress.say(`\nReady in ${seconds().toFixed(1)} s, without the apps. For the Dapr CLI:`);
    stack.progress.say(
      `  set -a; . ${writeInfraEnv(stack, infra)}; set +a; PATH="$PWD/node_modules/.bin:$PATH" dapr run -f .`,
    );
    return;
  }
  await startApps(stack, infra);
  const ready = describe(stack, infra, writePrometheusConfig(stack));
  const token = await createUsers(ready);
  writeReady(stack.dataDir, ready);
  stack.progress.say(readyScreen(ready, token, seconds()));
};

/** The administrator exists from the start, so that nobody else can sign up with that address. */
const createUsers = async ({ urls, demo, admin }: Ready): Promise<string | undefined> => {
  if (demo === undefined || admin === undefined) return undefined;
  await createUser(urls.identity, { ...adminUser, ...admin });
  await createUser(urls.identity, { ...demoUser, ...demo });
  return signIn(urls.identity, demo);
};

/** Runs the stack until something ends it; the exit code. */
const run = async (options: Options): Promise<number> => {
  const begin = performance.now();
  const progress = createProgress(process.stdout);
  let stack: Stack | undefined;
  const stopSwitch = createStopSwitch(() => {
    progress.warn('Killing everything');
    void stack?.supervisor.kill();
  });
  let stopControl: (() => Promise<void>) | undefined;
  try {
    stack = await prepare(options, progress, stopSwitch);
    stopControl = await startControl(stack.supervisor, socketPath(stack.dataDir), stopSwitch.signal);
    await start(stack, options, begin);
  } catch (error) {
    // When it is stopping already, whatever was being started fails as a consequence.
    stopSwitch.stop({ say: 'it could not start', failure: (error as Error).message });
  }
  const { failure, say } = await stopSwitch.reason;
  if (failure !== undefined) progress.fail(failure);
  if (stack === undefined) return 1;
  progress.say(`Stopping everything: ${say}`);
  removeReady(stack.dataDir);
  await stopControl?.();
  const forced = await stack.supervisor.stop();
  if (forced.length > 0) progress.warn(`Killed because they did not stop in time: ${forced.join(', ')}`);
  stack.ledger.close();
  progress.say('Stopped.');
  return failure === undefined ? 0 : 1;
};

const options = readOptions(parseOptions, usage);
if (options.help) console.log(usage);
// Connections that are kept alive must not hold up the end.
else process.exit(await run(options));
