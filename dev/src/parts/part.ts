import type { Launch } from '../process/launch.ts';
import type { WantedPort } from '../start/ports.ts';

/** The order of stopping: a part outlives all parts of a lower stage, which may need it to finish their work. */
export const stages = {
  tool: 0,
  app: 1,
  sidecar: 2,
  identity: 3,
  mail: 3,
  'dapr-scheduler': 4,
  sentry: 5,
  kafka: 6,
  postgres: 7,
} as const;

/** One process of the stack: how to run it, to see that it is ready, and to stop it. */
export type Part = Launch & {
  /** The port it is known by. */
  port: number;
  /** Ports that must be free when it starts. */
  listens?: WantedPort[];
  /** Resolves true as soon as the part can be used; asked again and again until then. */
  isReady: () => Promise<boolean>;
  readyWithinMs: number;
  /** How long it may take to stop before it is killed. */
  stopWithinMs: number;
};

export type PartState = 'starting' | 'ready' | 'paused' | 'stopping' | 'stopped';

/** What `npm run stack -- list` shows of a part. */
export type PartStatus = { name: string; state: PartState; pid: number | null; port: number };
