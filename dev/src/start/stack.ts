import type { App } from '../apps/list.ts';
import type { Supervisor } from '../parts/supervisor.ts';
import type { Ledger } from '../process/ledger.ts';
import type { Ports } from './ports.ts';
import type { Progress } from './progress.ts';
import type { Secrets } from './secrets.ts';

/** What every step of the start needs. */
export type Stack = {
  /** The repository. */
  root: string;
  /** Absolute. */
  dataDir: string;
  apps: App[];
  ports: Ports;
  secrets: Secrets;
  ledger: Ledger;
  supervisor: Supervisor;
  progress: Progress;
  /** Aborted when the stack is to stop: whatever waits then gives up. */
  signal: AbortSignal;
  /** The environment of this process. */
  env: NodeJS.ProcessEnv;
};

const OURS = new Set(['DATABASE_URL', 'KAFKA_BROKERS', 'DAPR_BIN', 'DAPR_API_TOKEN', 'APP_API_TOKEN', 'PORT', 'HOST']);

/** The caller's environment for a part, without what the stack decides and without npm's own variables. */
export const inheritedEnv = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !OURS.has(name) && !/^npm_/i.test(name) && !name.endsWith('_STATE_URL') && name !== 'INIT_CWD',
    ),
  );
