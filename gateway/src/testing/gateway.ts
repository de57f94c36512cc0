import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stop } from '@todo/service/shutdown';
import { startGateway, type Gateway } from '../gateway.ts';
import { testContext } from './context.ts';
import { events } from './events.ts';
import { AUDIENCE, ISSUER, startIssuer, type TestIssuer } from './issuer.ts';
import { shop } from './shop.ts';
import { API_TOKEN, APP_TOKEN, startSidecar, type TestSidecar } from './sidecar.ts';
import { startSubgraphs, type Received, type TestSubgraph } from './subgraphs.ts';

/** A whole gateway in this process, with an issuer, a sidecar and subgraphs of the test's. */
export type TestGateway = {
  gateway: Gateway;
  context: ReturnType<typeof testContext>;
  issuer: TestIssuer;
  sidecar: TestSidecar;
  received: Received[];
  supergraphFile: string;
  supergraphSdl: string;
  /** Sends an operation over HTTP as `ada`, or as the headers say. */
  query: (
    query: string,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; body: unknown; headers: Headers }>;
  stop: Stop;
};

/**
 * Starts it; ready once the sidecar delivers (`sidecar.deliverTo`), which it does unless `quiet`. `change` makes
 * another supergraph of the subgraphs'.
 */
export async function startTestGateway(
  settings: Record<string, string> = {},
  quiet = false,
  subgraphs: TestSubgraph[] = [...shop, events],
  change = (supergraphSdl: string): string => supergraphSdl,
): Promise<TestGateway> {
  const [issuer, sidecar, graph] = await Promise.all([startIssuer(), startSidecar(), startSubgraphs(subgraphs)]);
  const directory = await mkdtemp(join(tmpdir(), 'gateway-'));
  const supergraphFile = join(directory, 'supergraph.graphql');
  const supergraphSdl = change(graph.supergraphSdl);
  await writeFile(supergraphFile, supergraphSdl);
  const context = testContext({
    SUPERGRAPH: supergraphFile,
    AUTH: 'required',
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_JWKS_URL: issuer.jwksUrl,
    DAPR_HTTP_ENDPOINT: sidecar.endpoint,
    DAPR_API_TOKEN: API_TOKEN,
    APP_API_TOKEN: APP_TOKEN,
    INTERNAL_PORT: '0',
    TOPIC_PARTITIONS: '2',
    REPLICA_ID: 'replica-1',
    ...settings,
  });
  const gateway = await startGateway(context);
  if (!quiet) sidecar.deliverTo(gateway.internalUrl as string);
  return {
    gateway,
    context,
    issuer,
    sidecar,
    received: graph.received,
    supergraphFile,
    supergraphSdl,
    query: async (query, given) => {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(given ?? { authorization: `Bearer ${await issuer.token()}` }),
        },
        body: JSON.stringify({ query }),
      });
      return { status: response.status, body: await response.json(), headers: response.headers };
    },
    stop: async () => {
      await gateway.stop();
      await Promise.all([issuer.stop(), sidecar.stop(), graph.stop(), rm(directory, { recursive: true })]);
    },
  };
}

/** Waits until it receives events from everywhere. */
export async function ready({ gateway }: TestGateway): Promise<void> {
  await eventually(async () => (await fetch(`${gateway.url}/readyz`)).ok);
}

/** Waits until something holds; fails after half a minute, so that it tells what hangs and not how busy the machine is. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it did not come to hold within 30 seconds');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
