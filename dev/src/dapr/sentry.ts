import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stages } from '../parts/part.ts';
import type { Part } from '../parts/part.ts';
import { answers } from '../parts/wait.ts';
import { inheritedEnv } from '../start/stack.ts';
import type { Stack } from '../start/stack.ts';
import type { DaprBinaries } from './binaries.ts';

export const TRUST_DOMAIN = 'todo.local';
/** Sidecars and scheduler must be in the namespace that they expect each other in. */
export const NAMESPACE = 'default';

/** What tells a certificate of this stack from any other. */
export type Trust = { sentryAddress: string; anchorsFile: string; anchors: string };

/** Starts the certificate authority, which makes its own root at the first start. */
export const startSentry = async (stack: Stack, { dir }: DaprBinaries): Promise<Trust> => {
  const { dataDir, ports, supervisor, signal, root } = stack;
  const ca = join(dataDir, 'dapr', 'ca');
  mkdirSync(ca, { recursive: true, mode: 0o700 });
  const part: Part = {
    name: 'sentry',
    command: join(dir, 'sentry'),
    args: [
      '--mode=standalone',
      `--trust-domain=${TRUST_DOMAIN}`,
      `--config=${join(root, 'dev', 'dapr', 'config', 'sentry.yaml')}`,
      `--issuer-credentials=${ca}`,
      `--port=${ports.sentry}`,
      '--listen-address=127.0.0.1',
      `--healthz-port=${ports.sentryHealth}`,
      '--healthz-listen-address=127.0.0.1',
      // It would serve them on every interface, whatever address it is given.
      '--enable-metrics=false',
      '--log-level=warn',
    ],
    env: { ...inheritedEnv(stack.env), NAMESPACE },
    port: ports.sentry,
    stage: stages.sentry,
    stopSignal: 'SIGTERM',
    isReady: answers(`http://127.0.0.1:${ports.sentryHealth}/healthz`),
    readyWithinMs: 30_000,
    stopWithinMs: 5000,
  };
  await supervisor.start(part, signal);
  const anchorsFile = join(ca, 'ca.crt');
  return { sentryAddress: `127.0.0.1:${ports.sentry}`, anchorsFile, anchors: readFileSync(anchorsFile, 'utf8') };
};
