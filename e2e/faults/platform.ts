import type { TestRedis } from '@todo/service/testing/redis';
import { listParts } from '@todo/dev/control/client';
import { descendants } from '../stack/listeners.ts';
import { DATA } from '../stack/paths.ts';
import { type GatewayReplica, gateways, startGateway, stopGateway } from '../stack/replicas.ts';
import { readFileSync } from 'node:fs';

/** The running stack, as faults need it. */
export type Platform = {
  /** Where requests go, as a load balancer has it: the replicas of the gateway that take some. */
  rotation: string[];
  /** The Redis that the stack uses. */
  redis?: TestRedis;
  /** The gateway's supergraph, where it is a file of its own that may be changed. */
  supergraph?: string;
  /** Stops all of the stack, and starts it again with what it has. */
  restart?: () => Promise<void>;
};

/** Between a replica's leaving the rotation and its end, as Kubernetes' preStop hook has it: what was sent arrives. */
const PRE_STOP_MS = 250;

/** Takes a replica out of the rotation, and stops it once what was sent to it has arrived. */
export async function retire({ rotation }: Platform, replica: GatewayReplica): Promise<void> {
  const at = rotation.indexOf(replica.graphql);
  if (at >= 0) rotation.splice(at, 1);
  await new Promise((resolve) => setTimeout(resolve, PRE_STOP_MS));
  await stopGateway(replica);
}

/** Starts a replica, and takes it into the rotation once it is ready. */
export async function enlist({ rotation }: Platform, replica: GatewayReplica): Promise<void> {
  await startGateway(replica);
  if (!rotation.includes(replica.graphql)) rotation.push(replica.graphql);
}

/** Has so many replicas of the gateway run, the first one always. */
export async function haveReplicas(platform: Platform, count: 1 | 2): Promise<void> {
  const [first, second] = gateways();
  await enlist(platform, first);
  await (count === 2 ? enlist(platform, second) : retire(platform, second));
}

/** The names of the parts that run. */
export async function running(): Promise<string[]> {
  return (await listParts(DATA)).filter(({ state }) => state === 'ready').map(({ name }) => name);
}

/** What each part that runs has of the machine's memory, with what it started, in MiB (Linux alone). */
export async function memoryOfParts(): Promise<Map<string, number>> {
  const parts = (await listParts(DATA)).filter(({ pid }) => pid !== null);
  return new Map(
    parts.map(({ name, pid }) => [name, [...descendants(pid as number)].reduce((sum, id) => sum + residentOf(id), 0)]),
  );
}

/** What is its own: pages that processes share, such as PostgreSQL's buffers, would count again with each. */
function residentOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^RssAnon:\s*(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}
