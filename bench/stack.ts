import { type Ready, readReady } from '@todo/dev/start/ready';
import { encodeIdentity, type Identity, IDENTITY_HEADER } from '@todo/service/identity';
import { startStack, stopStack } from '../e2e/stack/start.ts';

const OWN_DATA = '.data/bench';

/** The stack that runs on a data folder, or one of its own, which is stopped by `stop`. No rate limit is in the way. */
export async function benchStack(data: string): Promise<{ ready: Ready; stop(): Promise<void> }> {
  const running = readReady(data);
  if (running) return { ready: running, stop: async () => {} };
  console.log(`No stack is ready on ${data}: starting one on ${OWN_DATA}`);
  const own = await startStack(OWN_DATA, { RATE_LIMIT_PER_MINUTE: '0' });
  return { ready: readReady(OWN_DATA) as Ready, stop: () => stopStack(own) };
}

/** Sends one operation. @throws where it has errors */
export async function graphql(ready: Ready, token: string, query: string, variables: object): Promise<any> {
  const response = await fetch(ready.urls.graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown };
  if (errors) throw new Error(`status ${response.status}: ${JSON.stringify(errors)}`);
  return data;
}

/** Sends an operation to a service as the gateway does, through both sidecars; its data. @throws where it has errors */
export async function invoke(
  { apps }: Ready,
  app: string,
  identity: Identity,
  query: string,
  variables: object,
): Promise<any> {
  const gateway = apps['api-gateway'];
  if (!gateway) throw new Error('the stack has no api-gateway');
  const response = await fetch(`http://127.0.0.1:${gateway.daprHttpPort}/v1.0/invoke/${app}/method/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'dapr-api-token': gateway.daprApiToken,
      [IDENTITY_HEADER]: encodeIdentity(identity),
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown };
  if (errors || !data) throw new Error(`status ${response.status}: ${JSON.stringify(errors)}`);
  return data;
}

/** The value below which so many of a hundred lie. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}
