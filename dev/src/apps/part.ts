import type { Part } from '../parts/part.ts';
import { stages } from '../parts/part.ts';
import { all, answers } from '../parts/wait.ts';
import type { Infrastructure } from '../start/infrastructure.ts';
import { inheritedEnv } from '../start/stack.ts';
import type { Stack } from '../start/stack.ts';
import { appEnv } from './env.ts';
import type { App } from './list.ts';
import { appPorts } from './list.ts';

/** An app: up when /healthz answers on its own port, ready when /readyz does, on the public port if it has one. */
export const appPart = (stack: Stack, infra: Infrastructure, app: App): Part => {
  const [program = '', ...args] = app.command;
  return {
    name: app.name,
    command: program === 'node' ? process.execPath : program,
    args,
    cwd: app.dir,
    env: { ...inheritedEnv(stack.env), ...appEnv(stack, infra, app) },
    port: app.port,
    listens: appPorts(app),
    stage: stages.app,
    stopSignal: 'SIGTERM',
    isReady: all(
      answers(`http://127.0.0.1:${app.port}/healthz`),
      answers(`http://127.0.0.1:${app.publicPort ?? app.port}/readyz`),
    ),
    readyWithinMs: 90_000,
    stopWithinMs: 15_000,
  };
};
