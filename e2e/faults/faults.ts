import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { killPart, pausePart, resumePart, startPart } from '@todo/dev/control/client';
import pg from 'pg';
import { eventually } from '../stack/eventually.ts';
import { DATA } from '../stack/paths.ts';
import { app, ready } from '../stack/ready.ts';
import { gateways, killGateway } from '../stack/replicas.ts';
import { fillBrokersDisk } from './disk.ts';
import { enlist, type Platform, retire, running } from './platform.ts';
import { publishToxic, wrongWithToxic } from './toxic.ts';

/** Something that happens to the platform. */
export type Fault = {
  name: string;
  /** Replicas of the gateway meanwhile: one, unless it says so. */
  replicas?: 2;
  /** What requests may meet meanwhile: nothing, typed errors, or nobody at the public port as well. */
  requestsMeet: 'nothing' | 'errors' | 'nobody';
  /** Whether subscribers may be told that what they missed cannot be told, and read everything again. */
  mayReadAgain?: true;
  /** What the platform must have for it. */
  needs?: keyof Platform | 'root';
  /** How long it lasts before it is mended. */
  holdMs: number;
  /** Within which every request must be answered. */
  deadlineMs: number;
  /** Does it. @returns what mends it; that is over when everything runs again */
  harm: (platform: Platform) => Promise<Mend>;
};
/** `check` says what is wrong besides after it; `end` puts back what the harm needed. */
type Mend = { mend?: () => Promise<void>; check?: () => Promise<string[]>; end?: () => Promise<void> };

const HOLD_MS = 5000;
const FREEZE_MS = 20_000;
const DEADLINE_MS = 30_000;
const BETWEEN_MS = 2000;

const GATEWAY = 'api-gateway';
const services = ['task-service', 'scheduler-service', 'notification-service', 'analytics-service'];
const sidecars = [GATEWAY, ...services].map((name) => `${name}-dapr`);
const usual = { requestsMeet: 'errors', holdMs: HOLD_MS, deadlineMs: DEADLINE_MS } as const;

const startParts = async (parts: string[]): Promise<void> => {
  await Promise.all(parts.map((part) => startPart(DATA, part)));
};

/** Ended at once, as by `kill -9`, and started again. */
const killed = (part: string): Fault => ({
  ...usual,
  name: `${part} killed`,
  harm: async () => {
    await killPart(DATA, part);
    return { mend: () => startParts([part]) };
  },
});

/** SIGSTOP: its connections stay, and nothing answers. */
const frozen = (part: string): Fault => ({
  ...usual,
  name: `${part} frozen`,
  holdMs: FREEZE_MS,
  deadlineMs: FREEZE_MS + DEADLINE_MS,
  harm: async () => {
    await pausePart(DATA, part);
    return { mend: async () => void (await resumePart(DATA, part)) };
  },
});

/** The only replica: whoever is connected is cut off, and what it has heard is gone. */
const gatewayKilled: Fault = { ...killed(GATEWAY), requestsMeet: 'nobody', mayReadAgain: true };

/** As the loss of its machine is; the other goes on. */
const replicaKilled: Fault = {
  ...usual,
  name: 'one of two gateways killed with its sidecar',
  replicas: 2,
  requestsMeet: 'nobody',
  harm: async (platform) => {
    const [first] = gateways();
    await killGateway(first);
    return { mend: () => enlist(platform, first) };
  },
};

/** Whoever relays the outbox, three times in the middle of it: between publishing and writing that down, if it so happens. */
const relayKilled: Fault = {
  ...usual,
  name: "the relay's holder killed",
  holdMs: 0,
  harm: async () => {
    const client = new pg.Client({ connectionString: ready().databases['task'] });
    await client.connect();
    try {
      for (let kills = 0; kills < 3; kills++) {
        await eventually(async () => {
          const { rows } = await client.query<{ busy: boolean }>(RELAY_IS_BUSY);
          if (rows[0]?.busy !== true) throw new Error('nobody relays anything');
        }, DEADLINE_MS);
        await killPart(DATA, 'task-service');
        await startPart(DATA, 'task-service');
      }
    } finally {
      await client.end();
    }
    return {};
  },
};
const RELAY_IS_BUSY = `
  select exists (select from state where key like 'outbox-%') and exists (
    select from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted and a.application_name = 'outbox-relay' and a.datname = current_database()
  ) as busy`;

const redisKilled: Fault = {
  ...usual,
  name: 'redis killed',
  needs: 'redis',
  harm: async ({ redis }) => {
    await redis?.kill();
    return { mend: async () => redis?.start() };
  },
};
const redisFrozen: Fault = {
  ...usual,
  name: 'redis frozen',
  needs: 'redis',
  holdMs: FREEZE_MS,
  deadlineMs: FREEZE_MS + DEADLINE_MS,
  harm: async ({ redis }) => {
    redis?.signal('SIGSTOP');
    return { mend: async () => redis?.signal('SIGCONT') };
  },
};

/** Each replica in turn leaves the rotation, drains, stops, starts again and comes back. */
const rollingRestart: Fault = {
  ...usual,
  name: 'rolling restart of two gateways',
  replicas: 2,
  requestsMeet: 'nothing',
  holdMs: 0,
  harm: async (platform) => {
    for (const replica of gateways()) {
      await retire(platform, replica);
      await delay(BETWEEN_MS);
      await enlist(platform, replica);
      await delay(BETWEEN_MS);
    }
    return {};
  },
};

/** Three times: a scalar that nothing uses is new. */
const supergraphReload: Fault = {
  ...usual,
  name: 'supergraph reloaded',
  needs: 'supergraph',
  requestsMeet: 'nothing',
  holdMs: 0,
  harm: async ({ supergraph = '' }) => {
    for (let reloads = 0; reloads < 3; reloads++) {
      const before = await acceptedReloads();
      await appendFile(supergraph, `\nscalar Reload_${randomUUID().replaceAll('-', '')} @join__type(graph: TASK)\n`);
      await eventually(async () => {
        if ((await acceptedReloads()) === before) throw new Error('the supergraph was not taken over');
      });
      await delay(BETWEEN_MS);
    }
    return {};
  },
};

/** Everything at once, as by the loss of power. */
const everythingKilled: Fault = {
  ...usual,
  name: 'everything killed',
  requestsMeet: 'nobody',
  mayReadAgain: true,
  harm: async () => {
    const parts = await running();
    await Promise.all(parts.map((part) => killPart(DATA, part)));
    return {
      mend: async () => {
        const first = ['postgres', 'kafka', 'sentry', 'mail'];
        const second = ['identity', 'dapr-scheduler'];
        const others = parts.filter((part) => ![...first, ...second].includes(part));
        for (const some of [first, second, others]) await startParts(some);
      },
    };
  },
};

const fullRestart: Fault = {
  ...usual,
  name: 'full restart of everything',
  needs: 'restart',
  requestsMeet: 'nobody',
  mayReadAgain: true,
  holdMs: 0,
  harm: async ({ restart }) => ({ mend: async () => restart?.() }),
};

const diskFull: Fault = {
  ...usual,
  name: "the broker's disk full",
  needs: 'root',
  harm: async () => {
    const { release, putBack } = await fillBrokersDisk();
    return { mend: release, end: putBack };
  },
};

const toxicMessages: Fault = {
  ...usual,
  name: 'toxic messages',
  requestsMeet: 'nothing',
  holdMs: 0,
  harm: async () => {
    const toxic = await publishToxic();
    return { check: () => wrongWithToxic(toxic) };
  },
};

/** That nothing is wrong where nothing happens, and the programs are warm when memory is first compared. */
const calm: Fault = {
  ...usual,
  name: 'calm',
  requestsMeet: 'nothing',
  harm: async () => ({}),
};

const frozenGateway: Fault = { ...frozen(GATEWAY), requestsMeet: 'nobody' };

/** What comes first, in this order: the worst. */
export const first = {
  kafka: killed('kafka'),
  postgres: killed('postgres'),
  gateway: gatewayKilled,
  relay: relayKilled,
  toxicMessages,
};

const single = [...services, ...sidecars].map(killed);
const others = ['dapr-scheduler', 'sentry', 'identity'];
/** What can happen again and again. */
export const repeatable: Fault[] = [
  first.kafka,
  first.postgres,
  first.gateway,
  first.relay,
  ...single,
  redisKilled,
  ...others.map(killed),
  ...['kafka', 'postgres'].map(frozen),
  frozenGateway,
  ...[...services, ...sidecars].map(frozen),
  redisFrozen,
  ...others.map(frozen),
];

/** All of them, in order. */
export const faults: Fault[] = [
  calm,
  ...repeatable,
  replicaKilled,
  rollingRestart,
  supergraphReload,
  toxicMessages,
  diskFull,
  everythingKilled,
  fullRestart,
];

/** How often the first replica took over a supergraph. */
async function acceptedReloads(): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${app(GATEWAY).port}/metrics`)).text();
  return Number(/^gateway_supergraph_reloads_total\{outcome="accepted"\} (\d+)/m.exec(text)?.[1] ?? 0);
}
