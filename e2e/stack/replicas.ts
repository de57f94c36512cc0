import { killPart, startPart, stopPart } from '@todo/dev/control/client';
import type { GatewayReplica } from '@todo/dev/start/ready';
import { sampleGateway } from '../soak/gateway.ts';
import { DATA } from './paths.ts';
import { app, ready } from './ready.ts';

export type { GatewayReplica };

/** The two replicas of the gateway. */
export function gateways(): [GatewayReplica, GatewayReplica] {
  return ready().gateways as [GatewayReplica, GatewayReplica];
}

/** Starts what does not run of a replica, and resolves when it is ready. */
export async function startGateway({ parts }: GatewayReplica): Promise<void> {
  await Promise.all(parts.map((part) => startPart(DATA, part)));
}

/** Stops a replica as a rollout does: the app drains, then its sidecar ends. */
export async function stopGateway({ parts }: GatewayReplica): Promise<void> {
  for (const part of parts) await stopPart(DATA, part);
}

/** Ends a replica at once, with its sidecar, as the loss of its machine does. */
export async function killGateway({ parts }: GatewayReplica): Promise<void> {
  await Promise.all(parts.map((part) => killPart(DATA, part)));
}

/** How many subscriptions a replica holds. */
export async function openSubscriptions({ name }: GatewayReplica): Promise<number> {
  return (await sampleGateway(app(name).port)).subscribers;
}

/** What a replica says to be waiting for before it is ready; undefined while it answers nothing. */
export async function waitingFor({ name }: GatewayReplica): Promise<string[] | undefined> {
  const response = await fetch(`http://127.0.0.1:${app(name).port}/readyz`).catch(() => undefined);
  if (!response) return undefined;
  return ((await response.json()) as { waitingFor?: string[] }).waitingFor ?? [];
}
