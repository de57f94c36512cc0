import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { isIP } from 'node:net';
import { type AddressRules, guardedLookup, parseAddress } from './addresses.ts';
import { Gone, RetryLater } from './channel.ts';

/** No receiver makes a message wait longer than a day. */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * POSTs to a URL that a user gave: to no private address, over a connection of its own, following no redirect; of the answer
 * only the status counts. Resolves where that is 2xx.
 * @throws Gone for one of `gone`, RetryLater where the receiver says when, Undeliverable where the address is none to send to
 */
export async function post(
  address: string,
  message: { headers: Record<string, string>; body: string | Buffer; signal: AbortSignal; gone: readonly number[] },
  rules: AddressRules,
): Promise<void> {
  const url = parseAddress(address, rules);
  const request = url.protocol === 'https:' ? requestSecure : requestPlain;
  const { status, retryAfter } = await new Promise<{ status: number; retryAfter: string | undefined }>(
    (resolve, reject) => {
      const sent = request(url, {
        method: 'POST',
        headers: { ...message.headers, 'content-length': Buffer.byteLength(message.body) },
        // A name goes through the guard; an address is checked already.
        ...(isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 && { lookup: guardedLookup(rules) }),
        agent: false,
        signal: message.signal,
      });
      sent.on('error', reject);
      sent.on('response', (response) => {
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
        response.on('error', () => undefined); // what follows the status is of no interest
        response.destroy();
      });
      sent.end(message.body);
    },
  );
  if (status >= 200 && status < 300) return;
  const said = status >= 300 && status < 400 ? `status ${status}: redirects are not followed` : `status ${status}`;
  if (message.gone.includes(status)) throw new Gone(said);
  const seconds = Number(retryAfter);
  if (retryAfter !== undefined && seconds > 0) throw new RetryLater(said, Math.min(seconds * 1000, MAX_RETRY_AFTER_MS));
  throw new Error(said);
}
