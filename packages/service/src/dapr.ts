import { CommunicationProtocolEnum, DaprClient, LogLevel } from '@dapr/dapr';
import type { Stop } from './shutdown.ts';

/** A service's own sidecar. `post` is for the APIs that @dapr/dapr lacks (jobs) or answers wrongly (bulk publish). */
export type Dapr = {
  client: DaprClient;
  /** POSTs (or sends with `method`) JSON to the sidecar's HTTP API; resolves with status and body, whatever the status. */
  send(path: string, options: SendOptions): Promise<{ status: number; body: string }>;
  /** Resolves when the sidecar and all its components are up. @throws where that takes longer than `timeoutMs` */
  outboundReady(timeoutMs?: number): Promise<void>;
  stop: Stop;
};

type SendOptions = {
  body?: unknown;
  method?: 'GET' | 'POST' | 'DELETE';
  contentType?: string;
  /** Milliseconds; 30,000 unless given. */
  timeoutMs?: number;
  /** What the sidecar records of it hangs below this. */
  traceparent?: string | undefined;
};

const POLL_MS = 100;

/** Connects to the sidecar at `endpoint` (an http URL). Nothing is sent before the first call. */
export function createDapr({ endpoint, apiToken }: { endpoint: string; apiToken: string }): Dapr {
  const url = new URL(endpoint);
  const client = new DaprClient({
    daprHost: url.hostname,
    daprPort: url.port,
    communicationProtocol: CommunicationProtocolEnum.HTTP,
    daprApiToken: apiToken,
    // It logs what it also throws or returns.
    logger: { level: LogLevel.Error },
  });

  async function send(path: string, options: SendOptions): Promise<{ status: number; body: string }> {
    const response = await fetch(new URL(path, url), {
      method: options.method ?? 'POST',
      headers: {
        'content-type': options.contentType ?? 'application/json',
        'dapr-api-token': apiToken,
        ...(options.traceparent !== undefined && { traceparent: options.traceparent }),
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      signal: AbortSignal.timeout(options.timeoutMs ?? 30_000),
    });
    return { status: response.status, body: await response.text() };
  }

  async function outboundReady(timeoutMs = 120_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    let last = 'no answer';
    while (Date.now() < deadline) {
      try {
        const { status } = await send('/v1.0/healthz/outbound', { method: 'GET', timeoutMs: 2_000 });
        if (status === 204) return;
        last = `status ${status}`;
      } catch (error) {
        last = String(error);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`the sidecar at ${endpoint} was not ready within ${timeoutMs} ms: ${last}`);
  }

  return { client, send, outboundReady, stop: () => client.stop() };
}
