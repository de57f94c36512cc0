import { setTimeout } from 'node:timers/promises';
import type { Stop } from '@todo/service/shutdown';
import { startTracing } from '@todo/service/tracing';
import { createIdentify } from './auth/identify.ts';
import type { GatewayBase, GatewayContext } from './context.ts';
import { createArrivals, createCallers } from './http/callers.ts';
import { startInternalServer } from './http/internal.ts';
import { startPublicServer } from './http/public.ts';
import { createObserve } from './observe/observe.ts';
import { createAdmit } from './operations/admit.ts';
import { createExecute, createExecutor } from './operations/executor.ts';
import { createKnownDocuments } from './operations/known-documents.ts';
import { createAutomaticDocuments } from './operations/persisted/automatic.ts';
import { startTrustedDocuments } from './operations/persisted/trusted.ts';
import { createPrepare } from './operations/prepare.ts';
import { createOperationServer } from './operations/server.ts';
import { createShortcut } from './operations/shortcut.ts';
import { createCharge } from './rate/charge.ts';
import { createFailedAuthentication } from './rate/failed-authentication.ts';
import { startRateLimiter } from './rate/limiter.ts';
import { startSubgraphClient } from './subgraphs/client.ts';
import { createHub } from './subscriptions/hub.ts';
import { startMarkers } from './subscriptions/markers.ts';
import { topicsOf } from './subscriptions/resources.ts';
import { createSubscriptions } from './subscriptions/subscribe.ts';
import { createSupergraphSource } from './supergraph/gateway.ts';
import type { Supergraph } from './supergraph/supergraph.ts';

/** Loads the supergraph as a start would, and lets go of it. Rejects where it cannot be had or does not hold together. */
export async function checkSupergraph(context: GatewayBase): Promise<{ subgraphs: string[] }> {
  const source = createSupergraphSource({ ...context, tracing: undefined }, () => {});
  const gateway = source.gatewayWith(() => Promise.reject(new Error('nothing is executed here')));
  await gateway.load();
  const subgraphs = [...(source.current()?.subgraphs.keys() ?? [])];
  await gateway.stop();
  return { subgraphs };
}

/**
 * A running gateway. `internalUrl` is there where an internal port is configured. `stop` says at once that it is not ready,
 * takes requests for DRAIN_DELAY_MS more, then has streams go on elsewhere and lets requests under way finish.
 */
export type Gateway = { url: string; internalUrl: string | undefined; stop: Stop };

/** Starts a gateway. Rejects where the supergraph does not hold together or a port is taken. */
export async function startGateway(base: GatewayBase): Promise<Gateway> {
  const { config, logger } = base;
  const draining = new AbortController();

  // Before anything else: a list that is none must leave nothing running.
  const trusted =
    config.PERSISTED_OPERATIONS === 'trusted'
      ? await startTrustedDocuments(base, config.TRUSTED_DOCUMENTS as string)
      : undefined;
  const automatic = config.PERSISTED_OPERATIONS === 'apq' ? createAutomaticDocuments() : undefined;
  const context: GatewayContext = { ...base, tracing: startTracing(config, config.SERVICE_NAME, logger) };
  const subgraphs = startSubgraphClient(context);
  const limiter = startRateLimiter(context);
  const charge = createCharge(context, limiter);
  const observe = createObserve(context, draining.signal);
  const arrivalOf = createArrivals(context);
  const callerOf = createCallers(config, createIdentify(context), createFailedAuthentication(charge));
  const hub = createHub(context);
  const markers = startMarkers(context);
  const prepare = createPrepare(context);
  const subscriptions = createSubscriptions(context, hub, prepare, subgraphs.send, observe);
  const accept = (supergraph: Supergraph): void => {
    trusted?.checkAgainst(supergraph.schema);
    markers.need(topicsOf([...supergraph.topics.values()]));
    subgraphs.retain(supergraph.subgraphs);
    subscriptions.adopt(supergraph);
  };
  const source = createSupergraphSource(context, accept, subscriptions.operations);
  const execute = createExecute(subgraphs.send);
  const known = createKnownDocuments(config);
  const executor = createExecutor(context, source.supergraphOf, prepare, execute, known, subscriptions.open);
  const shortcut = createShortcut(context, source.current, prepare, execute, known, observe);
  const operations = createOperationServer(context, source.gatewayWith(executor), automatic, observe);
  const readiness = (): string[] => {
    if (draining.signal.aborted) return ['stopping'];
    if (!source.current()) return ['supergraph'];
    return markers.missing();
  };

  const stops: Stop[] = [async () => context.tracing?.stop(), subgraphs.stop, limiter.stop, markers.stop];
  if (trusted) stops.push(trusted.stop);
  const stopAll: Stop = async () => {
    const failures: unknown[] = [];
    for (const end of stops.toReversed()) await end().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  let stopping: Promise<void> | undefined;
  const drain: Stop = async () => {
    draining.abort();
    // Whoever sends requests here needs time to see that it should not.
    await setTimeout(config.DRAIN_DELAY_MS);
    await stopAll();
  };
  const stop: Stop = () => (stopping ??= drain());
  try {
    await operations.start();
    stops.push(() => operations.stop());
    const internal =
      config.INTERNAL_PORT === undefined ? undefined : await startInternalServer(context, hub, markers, readiness);
    if (internal) stops.push(internal.stop);
    const admit = createAdmit(context, charge, trusted?.resolve ?? automatic?.resolve);
    const pipeline = { operations, shortcut, observe, arrivalOf, callerOf, admit };
    const server = await startPublicServer(context, pipeline, readiness, draining.signal);
    stops.push(server.stop, async () => hub.stop());
    return { url: server.url, internalUrl: internal?.url, stop };
  } catch (error) {
    await stopAll().catch((failure: unknown) => logger.error({ err: failure }, 'stopping failed'));
    throw error;
  }
}
