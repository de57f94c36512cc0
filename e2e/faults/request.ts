import type { Result } from '../stack/follower.ts';

/** What became of a request. */
export type Outcome =
  | { kind: 'ok'; data: any }
  /** Errors of the GraphQL response, each with a code. */
  | { kind: 'error'; codes: string[] }
  /** Nobody was there, or went away: the connection says so. */
  | { kind: 'cut'; code: string }
  /** What came is no GraphQL response, or has an error that does not say what it is. */
  | { kind: 'untyped'; text: string }
  /** Nothing came within the deadline. */
  | { kind: 'hung' };

/** Where a request goes, and for how long at most it waits. */
export type Place = { url: string; token: string; deadlineMs: number };

/** Sends an operation; whatever becomes of it is an outcome. A mutation's `key` makes it the same one when sent again. */
export async function send(
  { url, token, deadlineMs }: Place,
  query: string,
  variables: Record<string, unknown> = {},
  key?: string,
): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(deadlineMs),
    });
    return read(response.status, await response.text());
  } catch (error) {
    if ((error as Error).name === 'TimeoutError') return { kind: 'hung' };
    const { cause } = error as { cause?: { code?: string } };
    return { kind: 'cut', code: cause?.code ?? String(error) };
  }
}

function read(status: number, text: string): Outcome {
  const untyped: Outcome = { kind: 'untyped', text: `${status}: ${text.slice(0, 200)}` };
  let result: Result;
  try {
    result = JSON.parse(text) as Result;
  } catch {
    return untyped;
  }
  const { data, errors = [] } = result;
  if (errors.length === 0) return data ? { kind: 'ok', data } : untyped;
  const codes = errors.map(({ extensions }) => extensions?.code);
  return codes.every((code) => code !== undefined) ? { kind: 'error', codes } : untyped;
}
