import { runTool } from '../process/tool.ts';
import { cached } from '../start/cache.ts';
import { inheritedEnv } from '../start/stack.ts';
import type { Stack } from '../start/stack.ts';
import { buildName, goModuleDir, pinnedVersion } from './binaries.ts';
import type { DaprBinaries } from './binaries.ts';

const PACKAGES = ['github.com/dapr/dapr/cmd/daprd', './cmd/scheduler', './cmd/sentry'];
/** Without a tag daprd has no components and does not start. */
const TAGS = ['-tags', 'stablecomponents'];

type BuildStack = Pick<Stack, 'root' | 'env' | 'ledger' | 'signal' | 'progress' | 'supervisor'>;

/** Builds Dapr from the pinned sources into the user's cache: minutes at the first time, with its progress shown. */
export const buildBinaries = async (stack: BuildStack): Promise<DaprBinaries> => {
  const dir = await cached(stack.env, buildName(stack.root), async (out) => {
    const show = progressLine(Date.now());
    const say = (): void => stack.progress.slow(show.text(Date.now()));
    // Linking prints nothing for a long time: the clock must go on.
    const ticking = setInterval(say, 1000);
    const tool = { cwd: goModuleDir(stack.root), command: 'go', env: inheritedEnv(stack.env) };
    const run = (name: string, args: string[], onLine: (line: string) => void): Promise<string> =>
      runTool(stack.ledger, stack.supervisor.logFile(name), stack.signal, { ...tool, name, args, onLine });
    try {
      stack.progress.say(`  Building Dapr ${pinnedVersion(stack.root)} with Go, this once: up to 10 minutes`);
      const list = await run('dapr-list', ['list', '-deps', ...TAGS, ...PACKAGES], show.downloaded);
      show.total(list.split('\n').length);
      const version = `-X github.com/dapr/dapr/pkg/buildinfo.version=${pinnedVersion(stack.root)}`;
      const flags = [...TAGS, '-trimpath', '-ldflags', `-s -w ${version}`];
      await run('dapr-build', ['build', '-v', ...flags, '-o', `${out}/`, ...PACKAGES], show.compiled);
    } finally {
      clearInterval(ticking);
    }
  });
  return { dir, own: true };
};

/** Keeps count of a build and words it. */
export const progressLine = (start: number) => {
  let downloads = 0;
  let compiled = 0;
  let total = 0;
  return {
    downloaded: (line: string): void => {
      if (line.startsWith('go: downloading ')) downloads += 1;
    },
    total: (packages: number): void => {
      total = packages;
    },
    compiled: (line: string): void => {
      if (!line.startsWith('go: ')) compiled += 1;
    },
    text: (now: number): string => {
      const seconds = Math.round((now - start) / 1000);
      const elapsed = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
      return total === 0
        ? `  Dapr: ${downloads} modules downloaded, ${elapsed}`
        : `  Dapr: ${compiled} of ${total} packages compiled, ${elapsed}`;
    },
  };
};
