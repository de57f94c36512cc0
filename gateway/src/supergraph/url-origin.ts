import { Agent, errors, request } from 'undici';
import type { GatewayConfig } from '../config.ts';
import type { Origin } from './origin.ts';

const MAX_BYTES = 32 * 1024 * 1024;

/**
 * What a URL answers a GET with, asked again every SUPERGRAPH_POLL_SECONDS. A server that gives an ETag is asked whether
 * that changed. Redirects are not followed: the token goes to this URL only.
 */
export function urlOrigin(config: GatewayConfig): Origin {
  const { SUPERGRAPH: url, SUPERGRAPH_TOKEN: token } = config;
  const { origin, pathname } = new URL(url);
  const dispatcher = new Agent({ connections: 1, maxResponseSize: MAX_BYTES });
  let etag: string | undefined;
  return {
    // Without user, password and query, which may hold secrets.
    name: `${origin}${pathname}`,
    read: async () => {
      const { statusCode, headers, body } = await request(url, {
        dispatcher,
        headers: {
          accept: 'text/plain, application/graphql, */*;q=0.1',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(etag !== undefined && { 'if-none-match': etag }),
        },
        signal: AbortSignal.timeout(config.SUPERGRAPH_TIMEOUT_MS),
      });
      const text = await body.text().catch((error: unknown) => {
        throw error instanceof errors.ResponseExceededMaxSizeError
          ? new Error(`the supergraph is larger than ${MAX_BYTES} bytes`, { cause: error })
          : error;
      });
      if (statusCode === 304 && etag !== undefined) return undefined;
      if (statusCode !== 200) throw new Error(`the supergraph was answered with status ${statusCode}`);
      etag = typeof headers.etag === 'string' ? headers.etag : undefined;
      return text;
    },
    watch: (check) => {
      const timer = setInterval(check, config.SUPERGRAPH_POLL_SECONDS * 1000);
      timer.unref();
      return () => {
        clearInterval(timer);
        // Not `close`: that would wait for an answer that nobody wants any more.
        void dispatcher.destroy();
      };
    },
    mayRecover: true,
  };
}
