import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from '@todo/dev/start/cache';
import { parseAllDocuments } from 'yaml';

const VERSION = '3.22.0';
/** The oldest that the charts say they can do with is older; a helm that Go built thinks of one that is too old. */
const KUBERNETES = '1.34.0';
export const CHART = 'helm/todo-umbrella';

/** A Kubernetes object, as far as anyone here looks. */
export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    /** How often its spec has changed, where a cluster has it. */
    generation?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  // What a manifest holds depends on its kind.
  spec?: any;
  status?: any;
  data?: Record<string, string>;
  scopes?: string[];
};

/** Where helm is: HELM_BIN, on PATH, or built once with Go into the user's cache. */
async function helmBinary(env: NodeJS.ProcessEnv): Promise<string> {
  if (env['HELM_BIN']) return env['HELM_BIN'];
  try {
    execFileSync('helm', ['version'], { stdio: 'ignore' });
    return 'helm';
  } catch {
    // Not on PATH: it is built.
  }
  const dir = await cached(env, `helm-${VERSION}`, async (into) => {
    execFileSync('go', ['install', '-trimpath', '-ldflags=-s -w', `helm.sh/helm/v3/cmd/helm@v${VERSION}`], {
      env: { ...env, GOBIN: into, CGO_ENABLED: '0' },
      stdio: 'ignore',
    });
  });
  return join(dir, 'helm');
}

/** Runs helm. @throws with what it said, where it failed */
export async function helm(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(await helmBinary(process.env), args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Renders the umbrella chart, as text. */
export const helmTemplate = (namespace: string, args: string[]): Promise<string> =>
  helm('template', 'todo', CHART, '--namespace', namespace, '--kube-version', KUBERNETES, ...args);

/** The manifests of what helm rendered. */
export const manifests = (text: string): Manifest[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
