// npm run release: the umbrella chart into a cluster, version by version, and back.
import { parseArgs } from 'node:util';
import { deploy, type Release, retire, revisionsOf, rollback, type Strategy, switchTracks } from './lib/release.ts';

const usage = `usage: npm run release -- COMMAND [OPTIONS] [-- HELM ARGUMENTS]

On the cluster that KUBECONFIG names:
  deploy     installs or upgrades; what does not get ready is rolled back
               --strategy rolling      new pods take the place of old ones (unless said otherwise)
               --strategy blue-green   the gateway's new version stands beside the live one, behind api-gateway-preview
  switch     the Service leads to the version that was deployed last
               --settle-seconds N      once its pods have been ready for so long; 30 unless given
  retire     removes the version that the Service led to before
  rollback   to the revision before, or --to REVISION
  status     the current revision: its number, and the gateway's versions

  --name NAME             of the release; todo unless given
  --namespace NAMESPACE   todo-app unless given
  --timeout DURATION      of each step; 10m unless given`;

const options = {
  strategy: { type: 'string', default: 'rolling' },
  'settle-seconds': { type: 'string', default: '30' },
  to: { type: 'string' },
  name: { type: 'string', default: 'todo' },
  namespace: { type: 'string', default: 'todo-app' },
  timeout: { type: 'string', default: '10m' },
  help: { type: 'boolean', default: false },
} as const;

function refuse(problem: string): never {
  console.error(`${problem}\n\n${usage}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

const { values, positionals } = readArguments();
const [command, ...helmArgs] = positionals;
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const number = (text: string, name: string): number =>
  /^\d+$/.test(text) ? Number(text) : refuse(`--${name} ${text} is no number`);
const strategy = values.strategy as Strategy;
if (!['rolling', 'blue-green'].includes(strategy)) refuse(`--strategy ${strategy}: there are rolling and blue-green`);
if (command !== 'deploy' && helmArgs.length > 0) refuse(`${command} takes no arguments of Helm`);
const release: Release = { name: values.name, namespace: values.namespace, timeout: values.timeout };

async function run(): Promise<string> {
  switch (command) {
    case 'deploy':
      await deploy(release, strategy, helmArgs);
      return 'deployed';
    case 'switch':
      await switchTracks(release, number(values['settle-seconds'], 'settle-seconds'));
      return 'switched';
    case 'retire':
      await retire(release);
      return 'retired';
    case 'rollback': {
      const steps = await rollback(release, values.to === undefined ? undefined : number(values.to, 'to'));
      return steps.length > 0 ? `rolled back by way of revision ${steps.join(', ')}` : 'nothing to roll back';
    }
    case 'status':
      return '';
    default:
      return refuse(command === undefined ? 'no command' : `there is no command ${command}`);
  }
}

try {
  const done = await run();
  if (done) console.log(done);
  const current = (await revisionsOf(release)).at(-1);
  if (!current) console.log('revision=0');
  else {
    const { deploy: deployed, live, keep } = current.tracks;
    console.log(`revision=${current.revision}\nlive=${live}\ndeployed=${deployed}\nkept=${keep}`);
  }
} catch (error) {
  console.error((error as { stderr?: string }).stderr || (error as Error).message);
  process.exitCode = 1;
}
