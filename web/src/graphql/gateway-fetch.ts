import type { Session } from '../auth/session.ts';
import { createStore, type Store } from './store.ts';

/** When operations go on that are held back by the rate limit, in milliseconds since 1970; undefined where none are. */
export const heldUntil: Store<number | undefined> = createStore<number | undefined>(undefined);

/**
 * Sends operations with the session's token. One that comes over the rate limit is sent again when its time has come: the
 * same request, so that its idempotency key counts for both.
 */
export function gatewayFetch(session: Session): typeof fetch {
  return async (url, init = {}) => {
    for (;;) {
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${await session.token()}`);
      // Cookies are no credentials for the gateway: no other page can send what this one does.
      const response = await fetch(url, { ...init, headers, credentials: 'omit' });
      if (response.status !== 429) return response;
      await response.body?.cancel();
      await hold(Number(response.headers.get('retry-after') ?? 1), init.signal ?? undefined);
    }
  };
}

async function hold(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  const until = Date.now() + Math.max(1, seconds) * 1000;
  heldUntil.set(until);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, until - Date.now());
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  }).finally(() => {
    if (heldUntil.get() === until) heldUntil.set(undefined);
  });
}
